"""How a version is called unless somebody calls it otherwise, in the language of its document."""

from datetime import date

_LABELS = {
    "fr": "Document de travail au {:%d/%m/%Y}",
    "nl": "Werkdocument van {:%d/%m/%Y}",
    "en": "Working document of {:%d/%m/%Y}",
}


def proposed_label(language: str, day: date) -> str:
    """Return the usual name of a version frozen on `day`."""
    return _LABELS.get(language[:2], _LABELS["fr"]).format(day)

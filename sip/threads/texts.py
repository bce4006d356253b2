"""What people write in comments is what they write everywhere in a few lines."""

from sip.core.texts import MAX_COMMENT, clean, clean_line, render

__all__ = ["MAX_COMMENT", "clean", "clean_line", "render"]

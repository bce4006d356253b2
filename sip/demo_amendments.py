"""Lets members of the demo cycle amend its document in concertation, and its group answer, by the usual actions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from sip.amendments.actions.answering import accept, decline
from sip.amendments.actions.proposing import improve, propose
from sip.amendments.actions.supporting import support
from sip.amendments.models import Amendment, AmendmentKind
from sip.core.db import db, transaction
from sip.core.outbox import Letter
from sip.demo_discussion import day, passage, version_of
from sip.demo_words import INFORMATION
from sip.drafts.models import KeptPassage, Version
from sip.people.models import Person
from sip.threads.models import Thread

_CHANGE, _STRIKE, _MEASURE, _RECOMMENDATION = AmendmentKind


@dataclass(frozen=True)
class Proposed:
    """An amendment to be: who proposes what instead of which words, why, who supports it, what is answered.

    `answer` is (who, text as it is taken up: none where it is declined, reason); `before` is an earlier wording, which
    the first of the supporters supported and has not looked at again. `is_from_thread`: made from what the same person
    said of the passage.
    """

    section: str
    words: str
    kind: AmendmentKind
    who: str
    text: str
    reason: str
    at: str  # month-day hour
    supporters: tuple[str, ...] = ()
    title: str = ""
    answer: tuple[str, str | None, str] | None = None
    before: str = ""
    is_from_thread: bool = False


_READER = (
    "tiré·e au sort parmi des volontaires pour six mois, et indemnisé·e pour chaque relecture comme pour une heure de "
    "séance"
)

PROPOSED = (
    Proposed(
        "publier-les-decisions",
        "tiré·e au sort parmi des volontaires pour six mois",
        _CHANGE,
        "Tomasz Nowak",
        _READER,
        "Relire un relevé en dix jours, pour un coursier, c’est une soirée de livraison en moins. Sans indemnité, ce "
        "sont toujours les mêmes qui seront volontaires.",
        "11-19 22",
        ("Soizic Prigent", "Karim Saïdi", "Ophélie Wattrelot", "Aïcha Ouali", "Solène Arcas", "Lucie Traoré"),
        answer=(
            "Youenn Le Goff",
            _READER,
            "Oui. Nous demandons ailleurs que la traduction soit payée ; il aurait été étrange de ne pas payer la "
            "relecture. Le montant sera ajouté à la mesure sur les moyens.",
        ),
        is_from_thread=True,
    ),
    Proposed(
        "publier-les-decisions",
        "cinquante membres d’au moins deux antennes",
        _CHANGE,
        "Colette Jadot",
        "vingt-cinq membres d’au moins deux antennes",
        "À Liège, nous sommes dispersé·es : réunir cinquante signatures prend des semaines, et le sujet a refroidi. "
        "Gand le disait déjà. On peut toujours relever le nombre après quatre séances.",
        "11-19 09",
        (
            "Samuel Dethier",
            "Aïcha Ouali",
            "Lotte Vermeersch",
            "Bram De Smet",
            "Jeroen Claes",
            "Fatou Ndiaye",
            "Tomasz Nowak",
            "Nadia Ferhat",
        ),
    ),
    Proposed(
        "publier-les-decisions",
        "soutenu par cinquante membres d’au moins deux antennes, ou par un comité local",
        _CHANGE,
        "Idriss Kaba",
        "soutenu par un membre sur mille, d’au moins deux antennes et de deux métiers, ou par un comité local",
        "Un nombre fixe vieillit mal : nous étions 24\u00a0000 il y a cinq ans. Et ce sont les métiers, plus que les "
        "antennes, qui peuvent occuper toutes les séances.",
        "11-19 18",
        ("Solène Arcas", "Paul Estève", "Étienne Gros"),
    ),
    Proposed(
        "publier-les-decisions",
        "ou par un comité local",
        _CHANGE,
        "Monique Vauzelle",
        "ou par un comité local, ou s’il revient trois fois parmi les questions de l’année",
        "Tout le monde n’a pas envie de chercher des soutiens. Une question posée trois fois en est un.",
        "11-20 11",
        ("Bastien Rouvière", "Samir Ouali"),
    ),
    Proposed(
        "publier-les-decisions",
        "sous un titre général, avec la date à laquelle la réserve sera levée",
        _CHANGE,
        "Karim Saïdi",
        "sous un titre relu par le comité d’éthique, avec la date à laquelle la réserve sera levée",
        "Dans une petite antenne, « un titre général » peut suffire à reconnaître quelqu’un.",
        "11-20 08",
        ("Nadia Benkhelifa", "Véronique Marchal", "Hind Belkacem"),
        answer=(
            "Maëlle Kerdoncuff",
            "sous un titre général, relu par une personne du comité d’éthique, avec la date à laquelle la réserve "
            "sera levée",
            "D’accord sur le fond. Le comité d’éthique se réunit quatre fois par an : une seule personne relira, sans "
            "attendre sa séance.",
        ),
        is_from_thread=True,
    ),
    Proposed(
        "instances-lisibles",
        "On vient sans rendez-vous, entre 17 et 20 heures, pour que celles et ceux qui travaillent dans la journée "
        "puissent passer.",
        _CHANGE,
        "Aïcha Ouali",
        "On vient sans rendez-vous, une fois entre 12 et 14 heures, une fois entre 17 et 20 heures, une fois un "
        "samedi, pour que chacun·e puisse passer.",
        "Le soir, beaucoup d’entre nous travaillent, et d’autres gardent des enfants. Un seul créneau choisit toujours "
        "les mêmes personnes.",
        "11-20 21",
        ("Samuel Dethier", "Soizic Prigent", "Mieke Dewulf", "Renaud Pasquier"),
    ),
    Proposed(
        "langues-et-clarte",
        "",
        _MEASURE,
        "Mieke Dewulf",
        "L’Établi **prévoit une interprétation en langue des signes**, de Belgique francophone, de Flandre ou de "
        "France, pour l’assemblée générale et, sur demande faite dix jours avant, pour toute rencontre ouverte aux "
        "membres. Le coût est compté dans la [[mesurer#moyens]].",
        "Les vidéos sous-titrées aident à suivre, pas à prendre la parole. Nous sommes au moins neuf membres sourd·es "
        "à Bruxelles ; aucun·e n’est jamais venu·e à une assemblée.",
        "11-21 10",
        ("Pieter Claes", "Hind Belkacem", "Lotte Vermeersch", "Awa Diarra", "Lucie Traoré"),
        title="Des rencontres où l’on peut signer",
    ),
    Proposed(
        "accueil",
        "L’heure est donc proposée, au moment qui convient à chacun·e, et reproposée une fois.",
        _CHANGE,
        "Bastien Rouvière",
        "L’heure est obligatoire dans les trois mois, au moment qui convient à chacun·e ; elle est payée.",
        "Ce qui est proposé le dimanche soir n’est jamais fait. Payée, elle ne retient le salaire de personne.",
        "11-19 14",
        ("Étienne Gros",),
        answer=(
            "Youenn Le Goff",
            None,
            "Nous l’avions écrit ainsi, et la permanence de Lille nous a fait changer d’avis : on ne fait pas aimer la "
            "coopération en l’imposant. Payer cette heure coûterait environ 80\u00a0000 euros par an. Nous reverrons "
            "la question si moins d’une personne sur trois y vient.",
        ),
    ),
    Proposed(
        "repondre",
        "Cette phrase est la seule du document que les deux groupes ont votée à l’unanimité, deux fois, pour le "
        "plaisir.",
        _STRIKE,
        "Nadia Ferhat",
        "",
        "J’ai souri. Mais une recommandation que le conseil doit pouvoir signer n’a pas à raconter ses séances ; "
        "l’introduction le fait très bien.",
        "11-21 17",
        ("Renaud Pasquier",),
    ),
    Proposed(
        "mesurer",
        "par téléphone ou en ligne, dans la langue de leur choix",
        _CHANGE,
        "Lucie Traoré",
        "par téléphone, en ligne ou au comptoir de leur antenne, dans la langue de leur choix",
        "Celles et ceux qui ne répondent ni au téléphone ni au courriel sont justement les personnes dont nous ne "
        "savons rien.",
        "11-20 13",
        ("Joachim Ferrand", "Thibault Vanacker", "Ophélie Wattrelot"),
        before="par téléphone, en ligne ou par courrier, dans la langue de leur choix",
    ),
    Proposed(
        "",
        "",
        _RECOMMENDATION,
        "Paul Estève",
        "Le premier document de Gand et de Rennes proposait un journal des membres. Nous le reprenons, avec un prix.\n"
        "\n### Quatre numéros par an\n\nL’Établi **finance un journal écrit par ses membres**, quatre fois par an, en "
        "français et en néerlandais, imprimé pour les antennes et envoyé à qui le demande. Vingt-deux mille euros par "
        "an suffisent pour commencer : l’impression, la traduction, et une journée payée par article.\n\n"
        "### Une rédaction que personne ne nomme\n\nLa rédaction est **tirée au sort pour un an parmi des volontaires "
        "de toutes les antennes**. Ni le conseil ni la direction ne relisent avant la parution ; ils ont un droit de "
        "réponse dans le numéro suivant.",
        "Le groupe a retiré cette idée faute d’accord sur son prix et sur son indépendance. Voici une réponse aux "
        "deux, travaillée à trois depuis le 19 novembre.",
        "11-21 20",
        ("Idriss Kaba", "Solène Arcas", "Jeroen Claes"),
        title="L’Établi donne un journal à ses membres",
    ),
)


def load() -> None:
    """Let members amend, support, and the group answer; the document and what was said of it are there already."""
    with transaction():
        people = {person.name: person for person in db.session.scalars(select(Person))}
        version = version_of(INFORMATION, 3)
        for proposed in PROPOSED:
            let_amend(version, proposed, people)
        # Nobody of the demo waits for letters about days gone by.
        db.session.execute(delete(Letter))


def let_amend(version: Version, proposed: Proposed, people: dict[str, Person]) -> None:
    """Let somebody propose an amendment to a version, others support it, and the group answer, each at their time."""
    author, supporters = people[proposed.who], [people[name] for name in proposed.supporters]
    where: dict[str, Any] = {"version": version}
    if proposed.section:
        where = passage(version, proposed.section, proposed.words)
    with day(proposed.at):
        amendment = propose(
            author,
            version.draft,
            proposed.kind,
            proposed.before or proposed.text,
            proposed.reason,
            title=proposed.title,
            thread=_thread_of(version, author, where) if proposed.is_from_thread else None,
            language="fr",
            **where,
        )
    if proposed.before:
        with day(proposed.at, 1.2):
            support(supporters.pop(0), amendment)
        with day(proposed.at, 3.5):
            improve(author, amendment, proposed.text, proposed.reason, language="fr")
    for place, person in enumerate(supporters):
        with day(proposed.at, 4.1 + 1.3 * place):
            support(person, amendment)
    if proposed.answer:
        _answer(amendment, *proposed.answer, people=people, at=proposed.at)


def _thread_of(version: Version, author: Person, where: dict[str, Any]) -> Thread:
    """Return what somebody said of words around, or within, those that they amend."""
    query = select(Thread).join(KeptPassage, Thread.passage_id == KeptPassage.id)
    query = query.where(Thread.author_id == author.id, KeptPassage.version_id == version.id)
    return db.session.scalars(query.where(KeptPassage.key == where["key"])).one()


def _answer(amendment: Amendment, who: str, text: str | None, reason: str, people: dict[str, Person], at: str) -> None:
    with day(f"{at[:-2]}19", 24):
        if text is None:
            decline(people[who], amendment, reason)
            return
        assert amendment.passage is not None
        changed = text if text != amendment.proposed else None
        accept(people[who], amendment, reason, seen=amendment.passage.quote, text=changed)

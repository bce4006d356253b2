"""What the people of the demo cycle say of its documents: data for `demo_discussion`, which lets them say it."""

from dataclasses import dataclass

from sip.threads.models import Disposition, ThreadKind

_QUESTION, _REMARK, _FOR, _AGAINST, _CONCERN = ThreadKind


@dataclass(frozen=True)
class Said:
    """A thread to be: who says what of which words, and what others make of it.

    `words` is the passage as readers see it, empty for the whole section. `replies` are (who, text); `agree` and
    `thank` name who reacts to the first comment; `answer` is (who, disposition, reason, version that shows it).
    """

    section: str
    words: str
    kind: ThreadKind
    who: str
    text: str
    at: str  # month-day hour
    replies: tuple[tuple[str, str], ...] = ()
    agree: tuple[str, ...] = ()
    thank: tuple[str, ...] = ()
    answer: tuple[str, Disposition, str, int | None] | None = None
    resolved: tuple[str, str] | None = None


INFORMATION = "information-et-gouvernance"
PROTECTIONS = "protections-communes"

# By document, and by the version on which people said it.
SAID: dict[tuple[str, int], tuple[Said, ...]] = {
    (INFORMATION, 2): (
        Said(
            "publier-les-decisions",
            "L’Établi filme les séances du conseil et met les enregistrements en ligne pendant trois mois",
            _CONCERN,
            "Véronique Marchal",
            "Je siège au conseil depuis quatre ans. Le jour où une caméra tourne, nous arriverons avec des avis tout "
            "faits, décidés avant, au téléphone. **Vous verrez davantage et vous saurez moins.**",
            "11-05 19",
            (
                ("Jeroen Claes", "Alors comment être sûr·es que les raisons écrites après sont les vraies ?"),
                (
                    "Awa Diarra",
                    "En demandant aussi les solutions écartées, et le nombre de voix. C’est plus difficile à inventer "
                    "qu’un beau discours devant une caméra.",
                ),
            ),
            agree=("Awa Diarra", "Karim Saïdi", "Monique Vauzelle"),
            answer=(
                "Maëlle Kerdoncuff",
                Disposition.TAKEN_UP,
                "Nous retirons la mesure. Les relevés diront les raisons et les autres solutions envisagées ; le "
                "désaccord de quatre personnes du groupe de Rennes est écrit dans le texte.",
                3,
            ),
        ),
        Said(
            "publier-les-decisions",
            "Un point est inscrit s’il est soutenu par cinquante membres, ou par le comité local d’une antenne.",
            _AGAINST,
            "Fatou Ndiaye",
            "Cinquante signatures quand on travaille seule à Eeklo, c’est non. Et « d’une antenne » : il suffit alors "
            "d’un métier bien placé à Lyon. Demandez plutôt deux antennes.",
            "11-06 21",
            (("Lotte Vermeersch", "D’accord pour les deux antennes. Pour cinquante, il faudrait essayer."),),
            agree=("Lotte Vermeersch", "Paul Estève"),
            answer=(
                "Youenn Le Goff",
                Disposition.PARTLY,
                "Deux antennes : oui, c’est dans le texte. Cinquante reste, mais nous proposons d’y revenir au bout "
                "de quatre séances.",
                3,
            ),
        ),
        Said(
            "publier-les-decisions",
            "la décision, en une phrase ;",
            _REMARK,
            "Bram De Smet",
            "Une phrase peut faire 94 mots, nous l’avons vu. « Une phrase que l’on peut lire à voix haute » ?",
            "11-07 22",
            thank=("Soizic Prigent", "Maëlle Kerdoncuff"),
            answer=("Youenn Le Goff", Disposition.TAKEN_UP, "C’est exactement ce que nous voulions dire. Merci !", 3),
        ),
        Said(
            "repondre",
            "Un accusé de réception part le jour même, une réponse sous dix jours ouvrés, quelle que soit la question.",
            _CONCERN,
            "Hind Belkacem",
            "À l’accueil de Bruxelles, dix jours pour un salaire qui n’arrive pas, c’est trop long ; pour une question "
            "au conseil, c’est impossible. Il faut plusieurs délais.",
            "11-08 18",
            agree=("Samir Ouali", "Mieke Dewulf", "Youenn Le Goff"),
            answer=(
                "Maëlle Kerdoncuff",
                Disposition.TAKEN_UP,
                "Vous aviez raison. Le tableau des délais vient de votre remarque.",
                3,
            ),
        ),
        Said(
            "instances-lisibles",
            "Quatorze permanences par an, cela représente moins de deux soirées pour chaque administrateur·rice.",
            _QUESTION,
            "Étienne Gros",
            "Et les antennes qui sont à trois heures de train ? Les soirées comptent-elles le trajet ?",
            "11-09 09",
            (("Awa Diarra", "Non, vous avez raison de le demander. J’ai mis cinq heures pour aller à Gand."),),
        ),
        Said(
            "accueil",
            "L’Établi envoie six messages au cours de la première année, un sujet à la fois",
            _FOR,
            "Lucie Traoré",
            "Un sujet à la fois, oui. Le mien m’est arrivé la semaine où j’en avais besoin : c’est le seul message de "
            "L’Établi que j’ai gardé.",
            "11-10 12",
            thank=("Soizic Prigent",),
        ),
    ),
    (INFORMATION, 3): (
        Said(
            "publier-les-decisions",
            "Le relevé est relu par un·e membre qui ne siège pas au conseil, tiré·e au sort parmi des volontaires "
            "pour six mois",
            _QUESTION,
            "Tomasz Nowak",
            "Est-ce que cette personne est payée ? Relire un relevé en dix jours, pour un coursier, c’est une soirée "
            "de livraison en moins.",
            "11-18 23",
            (
                (
                    "Soizic Prigent",
                    "Bonne question. Nous l’avions prévu pour le cercle de relecture, pas ici. @Youenn Le Goff, on "
                    "regarde samedi ?",
                ),
            ),
            agree=("Jeroen Claes", "Colette Jadot", "Renaud Pasquier"),
        ),
        Said(
            "publier-les-decisions",
            "Un point traité à huis clos apparaît tout de même dans le relevé, sous un titre général, avec la date à "
            "laquelle la réserve sera levée.",
            _CONCERN,
            "Karim Saïdi",
            "« Un titre général » peut suffire à reconnaître quelqu’un dans une petite antenne. Le comité d’éthique "
            "devrait relire ces titres aussi.",
            "11-19 08",
        ),
        Said(
            "instances-lisibles",
            "Les présences aux séances y figurent, ainsi que les indemnités perçues.",
            _FOR,
            "Solène Arcas",
            "Pour, sans hésiter. 90 euros par séance, ce n’est pas un secret ; ne pas le dire le devient.",
            "11-19 12",
            (("Véronique Marchal", "Je n’y vois pas d’inconvénient, à condition de dire aussi le temps passé."),),
            agree=("Tomasz Nowak", "Idriss Kaba"),
        ),
        Said(
            "comptes-ouverts",
            "À Rennes, certain·es trouvent que c’est beaucoup. À Gand, on trouve que c’est peu.",
            _REMARK,
            "Bastien Rouvière",
            "À Lyon, on ne savait pas. Après avoir lu cette page, nous en avons parlé deux heures au lieu de dix "
            "minutes. *C’est donc qu’elle marche.*",
            "11-20 20",
            thank=("Maëlle Kerdoncuff", "Lotte Vermeersch"),
        ),
        Said(
            "langues-et-clarte",
            "L’Établi réunit un cercle de vingt-quatre membres qui relisent les textes avant leur publication",
            _AGAINST,
            "Joachim Ferrand",
            "Encore un comité. Je préférerais que les textes soient publiés plus tôt, avec un bouton « je ne "
            "comprends pas » à côté de chaque phrase.",
            "11-20 21",
            (
                ("Bram De Smet", "Ce bouton, nous sommes en train de l’utiliser !"),
                ("Joachim Ferrand", "C’est vrai. Mais qui lira mes « je ne comprends pas » ?"),
            ),
        ),
        Said(
            "mesurer",
            "",
            _QUESTION,
            "Samir Ouali",
            "Qui décide, à la fin, qu’un essai est réussi ? L’antenne qui l’a fait, le conseil, ou tout le monde ?",
            "11-21 10",
            answer=(
                "Maëlle Kerdoncuff",
                Disposition.ANSWERED,
                "Des membres qui n’y ont pas pris part écrivent deux pages, et l’assemblée de l’antenne décide. C’est "
                "au point 7.c.",
                None,
            ),
            resolved=("Samir Ouali", "Merci, c’est clair."),
        ),
    ),
    (PROTECTIONS, 2): (
        Said(
            "payer-a-temps",
            "avancer 26 jours demande 6,7 millions d’euros disponibles en permanence.",
            _QUESTION,
            "Renaud Pasquier",
            "D’où vient ce chiffre ? Si l’activité augmente de 10 %, est-ce que la somme augmente d’autant ?",
            "11-12 18",
            (("Nadia Benkhelifa", "Oui, à peu près. Le calcul complet est dans le carnet des séances."),),
            answer=(
                "Nadia Benkhelifa",
                Disposition.ANSWERED,
                "94 millions × 26 / 365. La somme suit l’activité ; nous l’écrirons dans une note.",
                None,
            ),
        ),
        Said(
            "payer-a-temps",
            "pas du tout si la personne a accepté une nouvelle commande d’un client signalé comme mauvais payeur",
            _CONCERN,
            "Tomasz Nowak",
            "Quand on n’a qu’un client, on accepte. Cette règle punit ceux et celles qui ont le moins le choix.",
            "11-13 23",
            (
                ("Aïcha Ouali", "À Liège, nous pensons comme toi. Peut-être 50 % au lieu de rien ?"),
                ("Thibault Vanacker", "Cela se discute. Proposez-nous des mots, nous les lirons le 25."),
            ),
            agree=("Fatou Ndiaye", "Aïcha Ouali", "Paul Estève", "Jeroen Claes"),
        ),
        Said(
            "payer-a-temps",
            "« Ce client a réglé ses cinq dernières factures avec 52 jours de retard en moyenne. »",
            _FOR,
            "Jeroen Claes",
            "Un fait, pas une note : voilà ce que j’aurais aimé lire avant le festival de l’an dernier.",
            "11-14 11",
        ),
        Said(
            "prix-planchers",
            "Il faut au moins quinze présent·es venu·es de trois antennes.",
            _REMARK,
            "Mieke Dewulf",
            "Nous sommes onze relieur·ses dans toute la coopérative. Il faudrait une règle pour les petits métiers : "
            "un tiers des membres du métier, par exemple.",
            "11-15 16",
            agree=("Lotte Vermeersch", "Idriss Kaba"),
        ),
        Said(
            "prix-planchers",
            "après un an, il est refusé",
            _AGAINST,
            "Paul Estève",
            "Un refus, c’est un contrat qui part ailleurs, sans protection du tout. Gardez l’avertissement et le "
            "rendez-vous ; pas la porte fermée.",
            "11-16 20",
            (
                ("Ophélie Wattrelot", "Et les neuf cas de concurrence entre nous ? Sans refus, rien ne change."),
                ("Paul Estève", "Le rendez-vous change déjà beaucoup. Essayons-le une année de plus."),
            ),
        ),
        Said(
            "maladie-et-pauses",
            "Le certificat médical suffit ; on ne demande pas à la personne de prouver ce qu’elle a perdu.",
            _FOR,
            "Monique Vauzelle",
            "Merci pour cette phrase. La dernière fois, j’ai passé plus de temps à prouver qu’à guérir.",
            "11-17 10",
            thank=("Colette Jadot", "Nadia Benkhelifa", "Soizic Prigent"),
        ),
        Said(
            "parents-et-aidants",
            "chaque parent membre reçoit 400 euros",
            _QUESTION,
            "Soizic Prigent",
            "Et les familles d’accueil ? Et deux parents membres, est-ce deux fois 400 euros ?",
            "11-18 14",
        ),
        Said(
            "solidarite-entre-metiers",
            "",
            _CONCERN,
            "Joachim Ferrand",
            "Je facture beaucoup, et je cotiserai volontiers. Mais dites d’abord ce que chaque fonds a vraiment "
            "payé la première année, sinon on ne parlera que de qui paie.",
            "11-19 19",
            agree=("Bastien Rouvière",),
        ),
    ),
}

GUEST = (
    "payer-a-temps",
    "L’Établi écrit au client cinq jours avant l’échéance, le lendemain, puis à quinze et à trente jours",
    "Je tiens une petite librairie et je fais travailler deux membres de L’Établi. Une lettre cinq jours avant, très "
    "bien. Le lendemain, c’est un peu sec : un appel ferait mieux.",
    ("Claire Marsac", "claire.marsac@librairie.example"),
    "11-20 17",
)

# How many people take each position on a recommendation, as nearly as there are people.
POSITIONS: dict[str, dict[str, tuple[int, int, int, int]]] = {
    INFORMATION: {
        "publier-les-decisions": (13, 5, 1, 2),
        "instances-lisibles": (11, 3, 0, 1),
        "comptes-ouverts": (14, 2, 0, 0),
        "langues-et-clarte": (9, 6, 2, 2),
    },
    PROTECTIONS: {
        "payer-a-temps": (12, 6, 1, 1),
        "prix-planchers": (8, 5, 6, 3),
        "maladie-et-pauses": (15, 1, 0, 1),
    },
}

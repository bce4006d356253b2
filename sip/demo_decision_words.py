"""What is decided, answered and promised in the demo's earlier cycle: words for `demo_decisions` and `demo_board`."""

from dataclasses import dataclass
from datetime import date

from sip.amendments.models import AmendmentKind
from sip.demo_amendments import Proposed
from sip.demo_words import Said
from sip.reviews.models import CommitmentStatus
from sip.threads.models import Disposition, ThreadKind

LEARNING = "apprendre-et-transmettre"
TRAVEL = "se-deplacer"
PLACES = "lieux-partages"

# What was said of a text while it was open, by document and version.
SAID: dict[tuple[str, int], tuple[Said, ...]] = {
    (LEARNING, 1): (
        Said(
            "payer-la-transmission",
            "Deux cents binômes",
            ThreadKind.CONCERN,
            "Nadia Benkhelifa",
            "Deux cents d’un coup, personne ne saura dire ce qui a marché. Soixante, avec une page écrite à la fin, "
            "nous apprendraient davantage.",
            "02-10 18",
            agree=("Colette Jadot", "Thibault Vanacker"),
            answer=(
                "Aïcha Ouali",
                Disposition.TAKEN_UP,
                "Convaincu·es. Soixante binômes, et une page à la fin de chacun.",
                None,
            ),
        ),
    ),
    (TRAVEL, 1): (
        Said(
            "memes-frais",
            "Aucune raison n’est exigée.",
            ThreadKind.FOR,
            "Ophélie Wattrelot",
            "C’est la phrase la plus importante du document. Demander une avance, c’est déjà assez difficile.",
            "05-12 20",
            agree=("Paul Estève", "Lucie Traoré", "Mieke Dewulf"),
            answer=("Youenn Le Goff", Disposition.ANSWERED, "Merci. Nous ne la toucherons pas.", None),
        ),
        Said(
            "velos",
            "On les réserve dans le Comptoir, pour une journée au plus.",
            ThreadKind.QUESTION,
            "Idriss Kaba",
            "Et qui part travailler deux jours à Alès ?",
            "05-14 09",
            answer=(
                "Maëlle Kerdoncuff",
                Disposition.NOT_TAKEN_UP,
                "Pour deux jours, mieux vaut louer : avec trois vélos par antenne, un seul manquerait à tout le monde.",
                None,
            ),
        ),
        Said(
            "reunions",
            "Sans cela, on ne vote pas.",
            ThreadKind.CONCERN,
            "Bernadette Lejeune",
            "Un micro en panne suffirait alors à empêcher une assemblée de décider.",
            "05-15 17",
            replies=(("Fatou Ndiaye", "Il suffit d’en avoir deux."),),
            answer=(
                "Maëlle Kerdoncuff",
                Disposition.PARTLY,
                "La règle reste ; une panne reporte le vote d’une semaine au plus.",
                None,
            ),
        ),
    ),
}

AMENDED = (
    Proposed(
        "memes-frais",
        "à 0,42 euro du kilomètre quand le trajet en train dure plus du double",
        AmendmentKind.CHANGE,
        "Solène Arcas",
        "à 0,42 euro du kilomètre quand le trajet en train dure une fois et demie plus longtemps",
        "De Lodève à Montpellier, le car met 1 h 20, la voiture 45 minutes : « plus du double » nous exclut de peu.",
        "06-10 19",
        ("Idriss Kaba", "Paul Estève", "Aïcha Ouali", "Étienne Gros"),
        answer=(
            "Youenn Le Goff",
            "à 0,42 euro du kilomètre quand le trajet en train ou en car dure une fois et demie plus longtemps",
            "Oui, et nous ajoutons le car, que nous avions oublié.",
        ),
    ),
    Proposed(
        "velos",
        "trois vélos, dont un à assistance électrique et un qui porte une charge",
        AmendmentKind.CHANGE,
        "Renaud Pasquier",
        "trois vélos et une voiture électrique partagée",
        "Un établi ne tient pas sur un porte-bagages.",
        "06-11 12",
        ("Bastien Rouvière",),
        answer=(
            "Maëlle Kerdoncuff",
            None,
            "Une voiture coûte à elle seule plus que tous les vélos. Le vélo qui porte une charge prend jusqu’à 80 "
            "kilos ; au-delà, le barème rembourse la route.",
        ),
    ),
)

# How many agree wholly, partly, not at all, or wait.
POSITIONS = {
    TRAVEL: {"memes-frais": (9, 3, 1, 0), "velos": (6, 4, 3, 1)},
    LEARNING: {"payer-la-transmission": (8, 2, 0, 1), "formation-obligatoire": (4, 2, 6, 1)},
}

# Ballots: question and explanation.
ON_LEARNING = (
    "Portons-nous ces quatre recommandations devant le conseil d’administration ?",
    "Une seule réponse pour le document entier. Si vous tenez à l’une des recommandations et pas à une autre, "
    "écrivez-le : les avis minoritaires accompagnent le résultat.",
)
ON_TRAVEL = (
    "Le groupe consent-il à transmettre ce texte au conseil d’administration ?",
    "Consentir ne veut pas dire préférer : c’est dire que l’on peut vivre avec, et que rien de grave ne s’y oppose.",
)
ON_KEYS = (
    "Pouvons-nous confier des clés dans ces conditions ?",
    "Une objection n’est pas un refus : elle dit ce qui manquerait au texte pour que l’on puisse l’essayer.",
)
ON_KEYS_AGAIN = (
    "Au premier tour, Fatou a objecté que la visite de sécurité d’une heure excluait les personnes qui travaillent le "
    "jour. Le texte a changé : la visite peut se suivre le soir, ou à deux avec quelqu’un qui a déjà une clé."
)
ON_HOURS = (
    "Comment partager les heures que tout le monde demande ?",
    "Classez ce que vous préférez ; laissez vide ce qui vous est égal. La règle choisie vaut un an.",
)
HOURS = (
    ("Chaque métier son tour", "Le mardi et le jeudi après-midi passent d’un métier à l’autre, semaine après semaine."),
    ("Le tirage au sort", "Les demandes de la semaine sont tirées au sort le vendredi à midi."),
    ("Un quota par personne", "Pas plus de deux après-midi demandés par mois et par personne."),
)
ON_SILENCE = (
    "Voulez-vous essayer pendant un an une salle sans appel ni réunion dans chaque antenne ?",
    "Le scrutin est secret : à Gand et à Montpellier, où il n’y a que deux salles, chacun·e saurait sinon qui veut "
    "prendre la place de qui.",
)
OBJECTION = (
    "Je travaille de jour, à quarante minutes de Gand. La visite de sécurité a lieu le mardi à 14 heures : je n’aurai "
    "jamais cette clé, et c’est pourtant le soir que j’en aurais besoin."
)
OBJECTION_ANSWER = "La visite peut maintenant se suivre le soir, ou à deux avec quelqu’un qui a déjà une clé."
KEYS_BEFORE = "**à condition d’avoir suivi une visite de sécurité d’une heure**. Il en répond."
KEYS_AFTER = (
    "**à condition d’avoir suivi une visite de sécurité**. Elle dure une heure et se suit en journée, un soir par "
    "mois, ou à deux avec quelqu’un qui a déjà une clé. Qui a la clé en répond."
)
# What stands in a result beside the counts: (who, choice, opinion).
OPINIONS_ON_LEARNING = (
    ("Joachim Ferrand", "against", "Je voterais pour les trois premières. La quatrième gâche les autres."),
    ("Bastien Rouvière", "against", "Une journée obligatoire ne fera aimer la coopération à personne."),
)
OPINIONS_ON_TRAVEL = (
    ("Thibault Vanacker", "reservations", "Les dix jours du barème seront tenus à Lille. Ailleurs, je n’en sais rien."),
    ("Étienne Gros", "reservations", "Trois vélos à Lyon, c’est peu. Je consens pour commencer."),
)

# The board's answers: section → (answer, reasons, measures: (slug, answer, reasons)).
ANSWERS: dict[str, tuple[str, str, tuple[tuple[str, str, str], ...]]] = {
    "payer-la-transmission": (
        "accepted",
        "Le conseil accepte cette recommandation telle qu’elle est écrite. Transmettre est un travail. Soixante "
        "binômes tiennent dans le budget de 2026 ; la page écrite à la fin nous dira s’il faut continuer.\n\nNous "
        "commençons à Liège, où l’habitude existe déjà, et nous rendrons compte à l’automne.",
        (),
    ),
    "essayer-un-metier": (
        "partly",
        "Nous acceptons les journées d’essai, et pas l’indemnité de la personne qui essaie.",
        (
            ("journees-d-essai", "accepted", "L’assureur a donné un accord de principe le 12 mai, pour les deux pays."),
            (
                "indemnite",
                "declined",
                "90 euros par journée coûteraient 130 000 euros si un membre sur vingt-cinq essayait. Le groupe "
                "lui-même n’était pas unanime. Nous préférons d’abord savoir combien de journées sont demandées.",
            ),
        ),
    ),
    "outilotheque": (
        "deferred",
        "L’inventaire d’abord : c’est ce que demande le texte, et nous le faisons. Nous ne déciderons des deux "
        "outilothèques qu’en le lisant. Le sujet reviendra à la séance de mars 2027.",
        (),
    ),
    "formation-obligatoire": (
        "declined",
        "Nous partageons le constat, pas le moyen. Ne pas renouveler un contrat parce qu’une journée n’a pas été "
        "suivie atteindrait d’abord les personnes qui travaillent loin, la nuit, ou dans une autre langue. Le scrutin "
        "l’a dit aussi : c’est la recommandation la moins soutenue.\n\nLe cycle 2026 reprend la question autrement, "
        "avec une heure proposée à chacun·e.",
        (),
    ),
}

PROPOSED_ANSWER = (
    "Le barème unique est accepté. Il coûtera environ 85 000 euros de plus par an, et fera gagner du temps à tout le "
    "monde. Nous demandons seulement six mois pour traduire et régler les outils de paie des deux pays."
)
NOTES = {
    "memes-frais": "Vérifié avec la comptabilité : 85 000 euros, plutôt 70 000 si le car remplace la voiture.",
    "reunions": "À rapprocher de la séance de novembre sur les assemblées à distance. Je propose d’en parler ensemble.",
}
# Section → (question of the board, answer of the group, if it has come).
QUESTIONS = {
    "velos": (
        "Trois vélos à Montpellier et trois à Bruxelles, qui compte quatre fois plus de membres : est-ce voulu ?",
        None,
    ),
    "memes-frais": (
        "Pourquoi dix jours, et pas le même délai que la paie ?",
        "Parce que la paie est mensuelle : un billet acheté le 2 serait remboursé le 10 du mois suivant. Les personnes "
        "que nous avons interrogées peuvent attendre dix jours, pas quarante.",
    ),
}


@dataclass(frozen=True)
class Promised:
    """A commitment to be, and the reports on it: (month-day hour, status, text, results of the experiment)."""

    section: str
    what: str
    details: str
    who: str  # a person, or a body
    due_on: date
    office: str = ""
    measure: str | None = None
    reports: tuple[tuple[str, CommitmentStatus, str, str], ...] = ()
    asked: tuple[tuple[str, str, str, str | None], ...] = ()  # (who, month-day hour, question, answer of the board)


BOARD, STEERING, ETHICS = "Conseil d’administration", "Comité de pilotage du cycle 2026", "Comité d’éthique"
WORKS_COUNCIL, LOCAL = "Conseil d’entreprise", "Comité local de Liège"

PROMISED = (
    Promised(
        "payer-la-transmission",
        "Ouvrir vingt binômes à Liège, puis quarante ailleurs",
        "On commence dans une antenne, on lit les vingt pages écrites à la fin, on continue si elles y invitent.",
        "Awa Diarra",
        date(2026, 10, 31),
        office="liege",
        measure="soixante-binomes",
        reports=(
            ("07-15 18", CommitmentStatus.UNDER_WAY, "Quatorze binômes ont commencé, dont neuf hors du spectacle.", ""),
            (
                "10-28 19",
                CommitmentStatus.DONE,
                "Les vingt binômes sont terminés. Les quarante suivants ouvrent le 4 janvier dans les autres antennes.",
                "Vingt binômes, dix-huit pages reçues. Seize personnes disent avoir gagné du temps, onze un·e client·e."
                " Deux binômes se sont arrêtés en route, faute d’horaires communs.\n\n- Coût : 10 100 euros, pour "
                "10 400 prévus.\n- Ce qui a le plus servi : travailler côte à côte, plutôt que parler du travail.\n"
                "- Ce que l’on change : un rendez-vous à mi-parcours avec une conseillère.",
            ),
        ),
        asked=(
            (
                "Colette Jadot",
                "10-30 21",
                "Est-ce que les vingt pages pourront être lues par tout le monde ?",
                "Oui, sauf si l’une des deux personnes ne le veut pas. On les trouvera en ligne en janvier.",
            ),
        ),
    ),
    Promised(
        "essayer-un-metier",
        "Signer l’assurance des journées d’essai et ouvrir les inscriptions",
        "Dans les deux pays. Les inscriptions passent par le Comptoir.",
        WORKS_COUNCIL,
        date(2026, 9, 30),
        measure="journees-d-essai",
        reports=(
            (
                "09-28 17",
                CommitmentStatus.UNDER_WAY,
                "Le contrat belge est signé. Le contrat français attend encore une clause sur les machines ; nous ne "
                "tiendrons pas la date.",
                "",
            ),
        ),
        asked=(("Tomasz Nowak", "11-10 22", "Une journée d’essai à vélo est-elle couverte ?", None),),
    ),
    Promised(
        "essayer-un-metier",
        "Dire combien de journées d’essai ont été demandées, et combien refusées",
        "Pour décider, chiffres en main, s’il faut revenir sur l’indemnité.",
        BOARD,
        date(2027, 4, 30),
    ),
    Promised(
        "outilotheque",
        "Publier l’inventaire des outils de l’antenne de Liège",
        "Les six autres antennes suivent, sur le même modèle.",
        LOCAL,
        date(2027, 1, 31),
        office="liege",
        measure="inventaire",
        reports=(
            (
                "11-05 18",
                CommitmentStatus.UNDER_WAY,
                "140 objets décrits, 31 proposés au prêt. Il reste la cave.",
                "",
            ),
        ),
    ),
)

# What bodies are for: name → (role, seats: (who, as what)).
BODIES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    BOARD: (
        "Le conseil est élu par l’assemblée générale pour quatre ans. Il décide de ce qui engage la coopérative, et "
        "répond à chaque recommandation, avec ses raisons.\n\nIl se réunit une fois par mois. L’ordre du jour est "
        "publié au moins une semaine avant.",
        (),
    ),
    STEERING: ("Il veille au calendrier, à la modération et à l’équité entre les groupes. Il n’écrit aucun texte.", ()),
    ETHICS: (
        "Le comité d’éthique écoute, en confiance, les membres qui ont vu ou subi quelque chose qui ne devrait pas se "
        "passer entre nous. Il donne un avis ; il ne juge personne.",
        (("Monique Vauzelle", "présidente"), ("Soizic Prigent", ""), ("Paul Estève", "")),
    ),
    WORKS_COUNCIL: (
        "Il représente les salarié·es de l’équipe permanente et les membres auprès de la direction.",
        (("Thibault Vanacker", "pour la France"), ("Hind Belkacem", "pour la Belgique")),
    ),
    LOCAL: (
        "Huit membres de l’antenne, dont trois siègent en ce moment. On se voit le dernier jeudi du mois, au comptoir.",
        (("Samuel Dethier", ""), ("Aïcha Ouali", "secrétaire"), ("Colette Jadot", "")),
    ),
}

# What members propose to the board: (who, month-day hour, title, text, supporters).
Point = tuple[str, str, str, str, tuple[str, ...]]
POINT_ON_REASONS = (
    "Colette Jadot",
    "05-15 20",
    "Dire pourquoi, et pas seulement oui ou non",
    "Quand une recommandation est déclinée, que la réponse dise ce qui la rendrait acceptable.",
    ("Samuel Dethier", "Lotte Vermeersch", "Karim Saïdi", "Lucie Traoré", "Idriss Kaba"),
)
POINT_ON_ROOMS = (
    "Tomasz Nowak",
    "11-08 23",
    "Chauffer les salles le soir",
    "Si les clés sont adoptées, que faire dans une salle à douze degrés ? Le chauffage s’arrête à 19 heures.",
    ("Fatou Ndiaye", "Étienne Gros", "Ophélie Wattrelot", "Mieke Dewulf"),
)
POINT_ON_DATES = (
    "Lucie Traoré",
    "11-14 12",
    "Des séances du conseil le samedi, deux fois par an",
    "Pour que l’on puisse y assister sans perdre une journée de travail.",
    ("Joachim Ferrand", "Renaud Pasquier"),
)

JUNE_MINUTES = (
    "Neuf personnes présentes, deux à distance. La séance a duré trois heures ; dix-sept membres y ont assisté.\n\n"
    "Les quatre recommandations du groupe « Apprendre » de Liège ont pris l’essentiel du temps. Le groupe a d’abord "
    "été entendu pendant quarante minutes."
)
# What was decided on each point, in the order of the agenda.
JUNE_DECISIONS = (
    "Acceptée, onze voix pour. On commence à Liège.",
    "Acceptée en partie : les journées d’essai oui, l’indemnité non (huit voix contre trois).",
    "Reportée à mars 2027, à la lecture de l’inventaire.",
    "Déclinée, neuf voix contre deux.",
    "Adopté : chaque réponse dira désormais ce qui la ferait changer.",
)

MATTER = (
    "Un client qui crie",
    "Je livre depuis six mois le même restaurant. Le patron crie sur moi et sur les deux autres coursier·ères, et la "
    "semaine passée il a jeté un sac. Mon conseiller me dit de changer de client. Je ne veux pas que ce soit aux "
    "suivant·es de le découvrir.",
)
MATTER_NOTE = "Deux autres signalements depuis septembre, même adresse. J’appelle l’antenne de Rennes demain."
MATTER_ANSWER = (
    "Merci de l’avoir écrit. Nous prenons l’affaire en main : deux personnes du comité verront le restaurateur, et "
    "votre nom ne sera pas dit. Préférez-vous que nous vous appelions ?"
)

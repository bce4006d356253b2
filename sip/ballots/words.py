"""How the interface names ballots, the ways to decide, and what can be answered."""

from sip.ballots.models import Choice, Electorate, MajorityRule, Method, Secrecy
from sip.core.messages import N_

METHOD_NAMES = {
    Method.CONSENT: N_("Consent round"),
    Method.MAJORITY: N_("Majority"),
    Method.RANKING: N_("Ranking of alternatives"),
}

METHOD_MEANINGS = {
    Method.CONSENT: N_(
        "Adopted when nobody objects. An objection has a reason; it is worked through, and another round follows."
    ),
    Method.MAJORITY: N_("For, against or abstain; the votes are counted."),
    Method.RANKING: N_(
        "Everybody puts the alternatives in their order; the one that beats each other one, two by two, wins."
    ),
}

RULE_NAMES = {
    MajorityRule.SIMPLE: N_("Simple majority"),
    MajorityRule.ABSOLUTE: N_("Absolute majority"),
    MajorityRule.TWO_THIRDS: N_("Two thirds"),
}

RULE_MEANINGS = {
    MajorityRule.SIMPLE: N_("more votes for than against"),
    MajorityRule.ABSOLUTE: N_("for: more than half of all votes, abstentions included"),
    MajorityRule.TWO_THIRDS: N_("for: at least two thirds of the votes for or against"),
}

SECRECY_NAMES = {
    Secrecy.OPEN: N_("Open: names with votes"),
    Secrecy.SECRET: N_("Secret"),
}

SECRECY_MEANINGS = {
    Secrecy.OPEN: N_("Once the ballot is closed, members see who voted what, and why."),
    Secrecy.SECRET: N_("Nobody sees who voted what. A vote is final, and each voter gets a receipt code to check it."),
}

ELECTORATE_NAMES = {
    Electorate.GROUP: N_("The working group"),
    Electorate.OFFICES: N_("The members of some offices"),
    Electorate.MEMBERS: N_("All members"),
}

CHOICE_NAMES = {
    Choice.CONSENT: N_("Consent"),
    Choice.RESERVATIONS: N_("Consent with reservations"),
    Choice.OBJECTION: N_("Objection"),
    Choice.ABSTAIN: N_("Abstain"),
    Choice.FOR: N_("For"),
    Choice.AGAINST: N_("Against"),
}

# As somebody would say it who answers.
CHOICE_MEANINGS = {
    Choice.CONSENT: N_("I can live with it: it is good enough for now, and safe enough to try."),
    Choice.RESERVATIONS: N_("I have doubts that I want to be read, but I do not stand in the way."),
    Choice.OBJECTION: N_("It would harm what we stand for. I say why, and help to find what would not."),
    Choice.ABSTAIN: N_("I leave it to the others; my vote counts as taking part."),
}

CHOICE_ICONS = {
    Choice.CONSENT: "check",
    Choice.RESERVATIONS: "comment",
    Choice.OBJECTION: "warning",
    Choice.ABSTAIN: "minus",
    Choice.FOR: "thumb-up",
    Choice.AGAINST: "thumb-down",
}

CONSENT_CHOICES = (Choice.CONSENT, Choice.RESERVATIONS, Choice.OBJECTION, Choice.ABSTAIN)
MAJORITY_CHOICES = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN)

# What a ballot came to, by the word that the count gives it.
DECISION_NAMES = {
    "adopted": N_("Adopted"),
    "declined": N_("Not adopted"),
    "no_votes": N_("Nobody voted"),
    "no_quorum": N_("Not adopted: the quorum was not reached"),
    "objections": N_("Not adopted yet: there are objections to work through"),
    "no_consent": N_("Not adopted: nobody gave their consent"),
    "tie": N_("Not decided: it is a tie"),
    "status_quo": N_("Everything stays as it is"),
}

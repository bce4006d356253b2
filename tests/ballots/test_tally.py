"""Counting: published examples of Schulze's method, what each rule demands, and what no order of votes may change."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.ballots import tally
from sip.ballots.models import Choice, MajorityRule
from tests.timing import is_linear


def votes_of(counted: dict[str, int]) -> list[str]:
    """The votes that a table such as {"ACBED": 5} stands for, A being 0."""
    return [
        ",".join(str("ABCDE".index(letter)) for letter in order)
        for order, times in counted.items()
        for _ in range(times)
    ]


# Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner election
# method" (Social Choice and Welfare 36, 2011), examples 1 to 4 as in arXiv:1804.02973, section 3, and the example of
# Wikipedia's page "Schulze method", which is his of 1997.
EXAMPLES = {
    "wikipedia": (
        {"ACBED": 5, "ADECB": 5, "BEDAC": 8, "CABED": 3, "CAEBD": 7, "CBADE": 2, "DCEBA": 7, "EBADC": 8},
        [[0, 20, 26, 30, 22], [25, 0, 16, 33, 18], [19, 29, 0, 17, 24], [15, 12, 28, 0, 14], [23, 27, 21, 31, 0]],
        [[0, 28, 28, 30, 24], [25, 0, 28, 33, 24], [25, 29, 0, 29, 24], [25, 28, 28, 0, 24], [25, 28, 28, 31, 0]],
        [[4], [0], [2], [1], [3]],
    ),
    "schulze 1": (
        {"ACDB": 8, "BADC": 2, "CDBA": 4, "DBAC": 4, "DCBA": 3},
        [[0, 8, 14, 10], [13, 0, 6, 2], [7, 15, 0, 12], [11, 19, 9, 0]],
        [[0, 14, 14, 12], [13, 0, 13, 12], [13, 15, 0, 12], [13, 19, 13, 0]],
        [[3], [0], [2], [1]],
    ),
    "schulze 3": (
        {"ABDEC": 3, "ADEBC": 5, "ADECB": 1, "BADEC": 2, "BDECA": 2, "CABDE": 4, "CBADE": 6, "DBECA": 2, "DECAB": 5},
        [[0, 18, 11, 21, 21], [12, 0, 14, 17, 19], [19, 16, 0, 10, 10], [9, 13, 20, 0, 30], [9, 11, 20, 0, 0]],
        [[0, 18, 20, 21, 21], [19, 0, 19, 19, 19], [19, 18, 0, 19, 19], [19, 18, 20, 0, 30], [19, 18, 20, 19, 0]],
        [[1], [0], [3], [4], [2]],
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_published_rankings_come_out_as_published(name):
    counted, pairwise, strengths, order = EXAMPLES[name]
    result = tally.ranking(votes_of(counted), range(len(pairwise)), on_roll=100)
    assert result["pairwise"] == pairwise
    assert result["strengths"] == strengths
    assert result["order"] == order
    assert result["winner"] == order[0][0]


def test_a_tie_leaves_the_status_quo_where_that_is_among_the_first():
    numbers = [0, 1, 2]
    shared = tally.ranking(["1,0,2", "0,1,2"], numbers, on_roll=2)
    assert (shared["order"], shared["winner"], shared["decision"]) == ([[0, 1], [2]], 0, "status_quo")
    without = tally.ranking(["1,2,0", "2,1,0"], numbers, on_roll=2)
    assert (without["tied"], without["winner"], without["decision"]) == ([1, 2], None, "tie")
    won = tally.ranking(["2,1,0", "2"], numbers, on_roll=2)
    assert (won["order"], won["decision"], won["is_adopted"]) == ([[2], [1], [0]], "adopted", True)
    assert not any(each["is_adopted"] for each in (shared, without))


@pytest.mark.parametrize(
    ("text", "places"),
    [("2,1=3,0", [[2], [1, 3], [0]]), ("2", [[2], [0, 1, 3]]), ("", [[0, 1, 2, 3]]), (" 3 , 1 ", [[3], [1], [0, 2]])],
)
def test_what_is_not_ranked_shares_the_last_place(text, places):
    assert tally.parse_ranking(text, [0, 1, 2, 3]) == places


@pytest.mark.parametrize("text", ["1,1", "1=1", "2,,1", "4", "-1", "1,a", "²", "=", ",", "1;2", "1" * 50, "0,1,2,3,0"])
def test_holes_doubles_and_strangers_are_no_ranking(text):
    with pytest.raises(ValueError, match=r"alternative|place"):
        tally.parse_ranking(text, [0, 1, 2, 3])


def test_ranks_become_a_ranking():
    assert tally.ranking_of({0: 3, 1: 1, 2: 1}) == "1=2,0"  # as in sport: two first, then the third
    assert tally.ranking_of({0: 2, 1: 1, 2: 1}) == "1=2,0"
    assert tally.ranking_of({0: None, 1: 2, 2: 1}) == "2,1,0"
    assert tally.ranking_of({0: None, 1: None}) == "0=1"
    for ranks in ({0: 1, 1: 3, 2: None}, {0: 2, 1: 3}, {0: 1, 1: 1, 2: 4}):
        with pytest.raises(ValueError, match="left out"):
            tally.ranking_of(ranks)


# (consent, reservations, objection, abstain) of 20 people, quorum, what comes out
ROUNDS = [
    ((5, 0, 0, 0), 0, "adopted"),
    ((0, 1, 0, 9), 0, "adopted"),
    ((19, 0, 1, 0), 0, "objections"),
    ((0, 0, 0, 3), 0, "no_consent"),
    ((0, 0, 0, 0), 0, "no_votes"),
    ((5, 0, 0, 0), 25, "adopted"),
    ((4, 0, 0, 0), 25, "no_quorum"),
]


@pytest.mark.parametrize(("numbers", "quorum", "decision"), ROUNDS)
def test_consent(numbers, quorum, decision):
    names = list(tally.CHOICES["consent"])
    votes = [name.value for name, number in zip(names, numbers, strict=True) for _ in range(number)]
    result = tally.consent(votes, on_roll=20, quorum=quorum)
    assert (result["decision"], result["is_adopted"]) == (decision, decision == "adopted")
    assert list(result["counts"].values()) == list(numbers)


# (for, against, abstain) of 20 people, and whether each rule takes that for a majority
MAJORITIES = [
    ((6, 5, 0), "adopted", "adopted", "declined"),
    ((6, 5, 2), "adopted", "declined", "declined"),
    ((5, 5, 0), "tie", "declined", "declined"),
    ((6, 3, 9), "adopted", "declined", "adopted"),
    ((20, 0, 0), "adopted", "adopted", "adopted"),
    ((0, 0, 4), "tie", "declined", "declined"),
    ((0, 0, 0), "no_votes", "no_votes", "no_votes"),
]


@pytest.mark.parametrize(("numbers", *(rule.value for rule in MajorityRule)), MAJORITIES)
def test_majorities(numbers, simple, absolute, two_thirds):
    votes = ["for"] * numbers[0] + ["against"] * numbers[1] + ["abstain"] * numbers[2]
    found = [tally.majority(votes, rule, on_roll=20)["decision"] for rule in MajorityRule]
    assert found == [simple, absolute, two_thirds]
    assert tally.majority(votes, MajorityRule.SIMPLE, 20, quorum=100)["is_quorate"] is (sum(numbers) == 20)


def test_only_answers_are_counted():
    for votes in (["for", "consent"], ["FOR"], [""]):
        with pytest.raises(ValueError, match="no answer"):
            tally.majority(votes, MajorityRule.SIMPLE, 3)


@st.composite
def _rankings(draw):
    """Some alternatives, and rankings of them with equals and some left out."""
    numbers = list(range(draw(st.integers(2, 5))))
    votes = []
    for _ in range(draw(st.integers(0, 8))):
        ranked = draw(st.lists(st.sampled_from(numbers), unique=True))
        ranks = draw(st.lists(st.integers(0, 2), min_size=len(ranked), max_size=len(ranked)))
        places = [[n for n, rank in zip(ranked, ranks, strict=True) if rank == each] for each in sorted(set(ranks))]
        votes.append(tally.ranking_text(places))
    return numbers, votes


def _slow_strength(pairwise, start, end):
    """The strongest of all paths, tried one by one."""
    links = {(i, j): row[j] for i, row in enumerate(pairwise) for j in range(len(row)) if row[j] > pairwise[j][i]}

    def from_here(at, left, weakest):
        if at == end:
            return weakest
        ways = (from_here(to, left - {to}, min(weakest, links[at, to])) for to in left if (at, to) in links)
        return max(ways, default=0)

    return from_here(start, frozenset(range(len(pairwise))) - {start}, 10**9)


@given(_rankings(), st.randoms(use_true_random=False))
def test_the_order_of_votes_does_not_matter(ranked, chance):
    numbers, votes = ranked
    result = tally.ranking(votes, numbers, on_roll=10)
    assert tally.ranking(votes, numbers, on_roll=10) == result
    shuffled = [tally.ranking_text(tally.parse_ranking(vote, numbers)) for vote in votes]
    chance.shuffle(shuffled)
    assert tally.ranking(shuffled, numbers, on_roll=10) == result
    assert sorted(number for place in result["order"] for number in place) == numbers
    for i in numbers:
        for j in numbers:
            if i != j:
                assert result["strengths"][i][j] == _slow_strength(result["pairwise"], i, j)
    # Who beats each other one, two by two, is first alone.
    table = result["pairwise"]
    winners = [i for i in numbers if all(table[i][j] > table[j][i] for j in numbers if j != i)]
    assert winners in ([], result["order"][0])


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), max_size=12))
def test_no_cell_tells_of_fewer_than_five(offices):
    rows = [(number, voted + more, voted) for number, (voted, more) in enumerate(offices)]
    cells = tally.office_cells(rows)
    assert all(voted >= 5 for _ids, _on_roll, voted in cells)
    assert len(cells) != 1
    if cells:
        # Everybody is in one cell: what is left of the total without some of them is other whole cells.
        assert sorted(number for ids, *_rest in cells for number in ids) == [row[0] for row in rows if row[1]]
        assert [sum(cell[place] for cell in cells) for place in (1, 2)] == [
            sum(row[place] for row in rows) for place in (1, 2)
        ]
    else:
        assert (
            sum(row[2] for row in rows) < 10
            or sum(row[2] >= 5 for row in rows) < 2
            or sum(row[1] > 0 for row in rows) < 2
        )
    assert tally.office_cells(list(reversed(rows))) == cells


def test_small_offices_share_a_cell():
    assert tally.office_cells([(1, 90, 40), (2, 9, 3), (3, 20, 0), (4, 30, 12), (0, 3, 2)]) == [
        [[1], 90, 40], [[4], 30, 12], [[0, 2, 3], 32, 5]
    ]  # fmt: skip
    assert tally.office_cells([(1, 90, 40), (2, 9, 3)]) == []
    assert tally.office_cells([(1, 90, 40), (2, 9, 3), (3, 9, 8)]) == [[[1], 90, 40], [[2, 3], 18, 11]]


@pytest.mark.no_cover
def test_counting_takes_as_long_as_there_are_votes():
    """`bin/bench ballots` says how long fifty thousand take."""
    chance = random.Random(1)
    numbers = list(range(11))
    votes = [tally.ranking_text([[n] for n in chance.sample(numbers, 11)]) for _ in range(8_000)]
    assert len(Counter(votes)) > 7_900
    assert is_linear(lambda size: tally.ranking(votes[:size], numbers, size), 2_000)
    assert is_linear(lambda size: tally.consent([Choice.CONSENT] * size, size), 10_000)

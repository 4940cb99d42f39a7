"""Rules 7 and 8 applied to the groups: emails settled and accounts found, in the order of work."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from rostersync.engine import emails
from rostersync.engine.match import Accounts, Matches, unmatched
from rostersync.engine.parents import Links, ParentRules, read_links
from rostersync.engine.people import PARENT, STAFF, STUDENT, TEACHER, People, names_of
from rostersync.engine.verdicts import pack
from rostersync.engine.work import Work
from rostersync.model.decision import Reason
from rostersync.model.kind import Kind

_LOST = frozenset({pack(Reason.DUPLICATE_EMAIL), pack(Reason.UNMATCHED)})


def identify_people(work: Work, people: People) -> Matches:
    """Settle emails and find accounts of students, teachers and staff."""
    accounts = None if work.accounts is None else Accounts(work.accounts, work.policy.match, work.overrides)
    matches = Matches(accounts, len(people.ids))
    _settle_emails(work, people, (STUDENT, TEACHER, STAFF))
    _find_accounts(work, people, matches, bytearray(len(people.ids)))
    return matches


def identify_parents(work: Work, people: People, matches: Matches) -> Links:
    """Decide rule 6, then settle emails and find accounts of parents; who lost before is not revived."""
    settled = bytearray(1 if groups else 0 for groups in people.groups)
    lost = bytearray(why in _LOST for why in people.why)
    links = Links()
    if work.sync.parents:
        held = (bool(standing.relations) for standing in people.standing)
        may_parent = bytearray(one and not gone for one, gone in zip(held, lost, strict=True))
        links = read_links(people, work.snapshot.entries(Kind.USERS), may_parent=may_parent)
    ParentRules(work.sync, work.notes, work.report).judge(people, lost, links)
    _settle_emails(work, people, (PARENT,))
    _find_accounts(work, people, matches, settled)
    people.email = array("I")  # nothing asks for emails any more
    return links


def _settle_emails(work: Work, people: People, groups: Sequence[int]) -> None:
    """Rule 7, group by group; who lost in one is out of the next."""
    found = emails.claims(work, people, emails.contested(people, groups), parents=PARENT in groups)
    for group in groups:

        def lose(loser: emails.Claim, winner: emails.Claim, group: int = group) -> None:
            name = names_of(group)[0]
            work.report(emails.email_taken(loser, winner, name, people.school(loser.place)))
            because = f"{winner.sourced_id} is the {name} who has the email {loser.email}"
            work.notes.say(Kind.USERS, loser.sourced_id, "7", Reason.DUPLICATE_EMAIL, because)
            # Who is kept as student, teacher or staff stays that: only the relationship is lost (rule 6).
            if group == PARENT and people.groups[loser.place] & ~PARENT:
                people.groups[loser.place] &= ~PARENT
            else:
                people.exclude(loser.place, Reason.DUPLICATE_EMAIL)

        emails.settle_emails(people, group, found, lose)


def _find_accounts(work: Work, people: People, matches: Matches, settled: bytearray) -> None:
    """Rule 8 for every kept user who has not been looked up before."""
    wanted = bytearray(bool(groups) and not done for groups, done in zip(people.groups, settled, strict=True))
    pairs = emails.user_pairs(work.snapshot, work.roster) if any(wanted) else ()
    for pair, found in matches.search(pairs, lambda place: bool(wanted[place])):
        place, matched = pair.place, found.account is not None
        reason = Reason.UNMATCHED if not matched and work.ignores_unmatched else None
        work.notes.say(Kind.USERS, pair.sourced_id, "8", reason or "kept", found.because)
        if not matched:
            people.unmatched[place] = 1
            work.report(unmatched(pair.sourced_id, found, people.school(place)))
        if reason is not None:
            people.exclude(place, reason)

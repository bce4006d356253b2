"""Every form either has its effect once, or may be sent again without harm."""

from flask import Flask

# Sent twice, these leave things as they are after the first time: they bring something into a state, or need a secret
# that is used up.
REPEATABLE = {
    "amendments.show_again",
    "amendments.support",
    "amendments.unsupport",
    "ballots.check_code",
    "ballots.vote",
    "bodies.edit",
    "bodies.remove_seat",
    "cycles.edit",
    "cycles.edit_milestone",
    "cycles.edit_office",
    "cycles.edit_theme",
    "cycles.remove_from_steering",
    "drafts.bring_back_section",
    "drafts.edit_heading",
    "drafts.edit_section",
    "drafts.move_section",
    "drafts.retire_section",
    "drafts.settings",
    "drafts.undo_edit",
    "drafts.undo_update",
    "groups.change_role",
    "groups.edit",
    "home.preferences",
    "meetings.edit",
    "meetings.minutes",
    "meetings.support",
    "meetings.unsupport",
    "people.accept_invitation",
    "people.choose_password",
    "people.first_administrator",
    "people.open_link",
    "people.profile",
    "people.reset_password",
    "people.show",
    "people.sign_in",
    "people.sign_in_by_link",
    "people.sign_out",
    "people.sign_out_everywhere",
    "threads.confirm_guest",
    "threads.dismiss",
    "threads.dispose",
    "threads.edit",
    "threads.hide",
    "threads.let_through",
    "threads.react",
    "threads.remove",
    "threads.reopen",
    "threads.report",
    "threads.resolve",
    "threads.show_again",
    "threads.take_position",
}


def test_every_form_is_sent_once_or_may_be_repeated(app: Flask):
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    guarded = {endpoint for endpoint in posts if getattr(app.view_functions[endpoint], "is_once", False)}
    assert "drafts.create" in guarded
    assert posts - guarded - REPEATABLE == set(), "a form that makes something stands under @once"
    assert guarded & REPEATABLE == set()

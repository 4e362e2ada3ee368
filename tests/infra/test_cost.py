"""docs/cost.md matches the counts and the price file, and the counts are those of other tests."""

from infra.aws import cost
from infra.aws.cost import Units
from tests.messaging import test_cost as reminders
from tests.test_budgets import BUDGETS


def test_the_page_is_what_the_figures_say():
    """Figures are current. `python -m infra.aws.cost` writes them."""
    assert cost.PAGE.read_text() == cost.page()


def test_the_figures_are_those_that_are_held():
    """A change that costs more shows on the page, not only in a budget."""
    held = {
        "post an interview, everything new": cost.BOOK,
        "log a contact that answers": cost.CONTACT,
        "the risk report": cost.REPORT,
        "read one application": cost.LOOK,
        "the call list, 50 rows": cost.CALL_LIST,
    }
    for name, units in held.items():
        assert Units(BUDGETS[name].read_units, BUDGETS[name].write_units) == units, name
    assert Units(max(reminders.READ_UNITS.values()), reminders.WRITE_UNITS) == cost.REMINDER


def test_every_alarm_of_the_template_is_paid_for(template):
    """A new alarm shows on the page."""
    assert sum(one["Type"] == "AWS::CloudWatch::Alarm" for one in template["Resources"].values()) == cost.ALARMS

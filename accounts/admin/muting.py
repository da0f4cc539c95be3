"""Topics of e-mails that are not wanted, as boxes to tick: nobody types JSON."""

from django.forms import ModelForm, MultipleChoiceField
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from events.notifications import Topic

FIELDSET = (gettext_lazy("E-mails"), {"fields": ("muted",)})


class MutingForm(ModelForm):
    """A form whose `muted` is chosen; what must be said is no choice."""

    muted = MultipleChoiceField(
        label=gettext_lazy("Not wanted"),
        choices=Topic.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=gettext_lazy("Suspensions, revocations and keys are mailed all the same."),
    )

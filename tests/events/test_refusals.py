from events.refusals import invalid


def test_a_field_may_have_any_name():
    refusal = invalid(code="Taken.", message=["Too long."])
    assert refusal.code == "VALIDATION_ERROR"
    assert refusal.details == {"code": ["Taken."], "message": ["Too long."]}

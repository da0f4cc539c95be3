import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_sign_in_page_opens_without_a_complaint(page, live_server):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{live_server.url}/accounts/login/")
    expect(page.locator("button[type=submit]").first).to_be_visible()
    assert complaints == []


def test_the_accessibility_check_finds_what_is_wrong(page, assert_accessible):
    page.set_content("<html lang=en><title>x</title><main><img src=x></main></html>")
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)

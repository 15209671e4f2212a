"""The page on the box's disk that waits for the till may see it, and nothing else."""

from tests.kiosk.conftest import Counter


def test_only_the_page_of_health_is_seen_from_elsewhere(screen: Counter) -> None:
    """A page of another origin may learn that the till answers; the bytes of all others are kept from it."""
    assert screen.client.get("/healthz").headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    for page in ("/", "/lock", "/machines", "/settings/clock"):
        assert screen.client.get(page).headers["Cross-Origin-Resource-Policy"] == "same-origin", page

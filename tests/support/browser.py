"""A real browser without a window, for pages from files: Chromium, driven by selenium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from tests.support.tools import need, which

PATIENCE = 60
"Seconds after which something will never happen."
NEEDS = ("chromium", "chromedriver")
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # as root, and in containers
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
)


class Browser:
    """A browser that shows one page at a time."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def look(self, *, width: int = 1280, scheme: str = "light", media: str = "") -> None:
        """What the page finds from now on: the width of the window in pixels, light or dark, screen or print."""
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def open(self, page: Path) -> None:
        """Shows a page, and waits until it is loaded."""
        self.driver.get(page.as_uri())

    def js(self, script: str, *arguments: object) -> object:
        """What a script returns; it has `arguments`."""
        return self.driver.execute_script(script, *arguments)

    def until(self, script: str) -> None:
        """Waits until a script returns something true. TimeoutException if it does not."""
        WebDriverWait(self.driver, PATIENCE, poll_frequency=0.02).until(lambda driver: driver.execute_script(script))

    def complaints(self) -> list[str]:
        """What the console says since the last call."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile in the directory `profile`; the test is skipped where there is none."""
    need(*NEEDS)
    options = ChromeOptions()
    options.binary_location = str(which("chromium"))
    for option in (*_OPTIONS, f"--user-data-dir={profile}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(str(which("chromedriver"))))
    try:
        yield Browser(driver)
    finally:
        driver.quit()

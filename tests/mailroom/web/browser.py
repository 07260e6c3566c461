"""The browser of the tests: a real Chromium, without what it makes ready around a page for hands that are not there."""

from __future__ import annotations

CHROMIUM = "/usr/bin/chromium"
_ABOUT_THE_ADDRESS_BAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""Each window loads two pages of the browser's own for its address bar: they cost more than most pages of ours do."""

_AS_PLAYWRIGHT_HAS_IT = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    "PreconnectToSearch",
)
"""A browser heeds the last list that it is given and no other, so that ours holds Playwright's."""

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"),
    f"--disable-features={','.join((*_AS_PLAYWRIGHT_HAS_IT, *_ABOUT_THE_ADDRESS_BAR))}",
)

// Tells the design system, before anything of the page is drawn, that this browser runs its scripts.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

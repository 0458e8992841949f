// Runs before anything is drawn, so that nothing jumps: tells the style sheet
// that scripts work here. A file of its own because the page's policy allows
// no inline script.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "")

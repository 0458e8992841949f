// Everything here only eases what already works without it. No journey may
// need this file.
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner,
  PasswordInput, Radios, ServiceNavigation, SkipLink, createAll,
} from "./govuk-frontend.min.js"
import "./find.js"
import "./passkey.js"
import { live } from "./live.js"

for (const part of [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, ServiceNavigation, SkipLink]) {
  createAll(part)
}

// A button with data-check-all="name" ticks every box of that name on this
// page. It is hidden until this runs; the boxes themselves are always there.
for (const button of document.querySelectorAll("button[data-check-all]")) {
  const boxes = () => [...document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(button.dataset.checkAll)}"]`)]
  const word = () => { button.textContent = boxes().every((b) => b.checked) ? "Clear all on this page" : "Select all on this page" }
  button.hidden = false
  word()
  button.addEventListener("click", () => {
    const tick = !boxes().every((b) => b.checked)
    for (const box of boxes()) box.checked = tick
    word()
  })
}

live()

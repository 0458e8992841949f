// A page that waits for work to be done (body data-refresh="seconds") asks for
// itself again and puts in place what has changed, in its part data-live: the
// focus, the place on the page and what is being typed stay. Without this the
// page reloads itself.
export function live() {
  const seconds = Number(document.body.dataset.refresh)
  if (seconds > 0) setTimeout(again, seconds * 1000)
}

function again() {
  // A page read so runs no scripts, and needs no parser that the policy stops.
  const asked = new XMLHttpRequest()
  asked.open("GET", location.href)
  asked.responseType = "document"
  asked.onerror = live // the network may be back next time
  asked.onload = () => show(asked)
  asked.send()
}

function show(asked) {
  const page = asked.response
  const [here, there] = [document, page].map((of) => of?.querySelector("[data-live]"))
  // Something else than this page a little later: signed out, done, an error.
  if (asked.status !== 200 || !here || !there || page.title !== document.title) return location.reload()
  if (here.contains(document.activeElement)) return live() // somebody is at work in it
  here.replaceChildren(...document.importNode(there, true).childNodes)
  document.body.dataset.refresh = page.body.dataset.refresh ?? ""
  live()
}

// Passkeys. A form with data-passkey asks the browser for one when it is sent:
// "show" for one there is, "make" for a new one. The question stands in
// data-asked, and the answer goes with the form. The server makes the question
// and checks the answer; this only passes them on.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }))

async function show(asked) {
  const key = await navigator.credentials.get({ publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) } })
  const { clientDataJSON, authenticatorData, signature, userHandle } = key.response
  return answer(key, {
    clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
    userHandle: userHandle ? text(userHandle) : undefined,
  })
}

async function make(asked) {
  const key = await navigator.credentials.create({ publicKey: {
    ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) }, excludeCredentials: named(asked.excludeCredentials),
  } })
  const { clientDataJSON, attestationObject } = key.response
  return answer(key, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject), transports: key.response.getTransports?.() ?? [] })
}

const answer = (key, response) => JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: {} })

for (const part of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue
  const form = part.closest("form")
  const [into, button] = [form.elements.assertion, part.querySelector("button")]
  const failed = part.querySelector("[data-passkey-failed]")
  part.querySelector("[data-passkey-without]").hidden = true
  button.hidden = false
  form.addEventListener("submit", async (event) => {
    if (into.value) return
    event.preventDefault()
    failed.hidden = true
    try {
      into.value = await (part.dataset.passkey === "make" ? make : show)(JSON.parse(part.dataset.asked))
    } catch {
      failed.hidden = false // the reader stopped, or there is no passkey here
      return
    }
    form.requestSubmit()
  })
}

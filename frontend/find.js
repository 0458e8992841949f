// Finding somebody as one types. A form with data-find="/address" becomes a
// combobox: what is typed is sent there by POST, never in an address, and the
// people that come back are drawn as a list of options. Without this the form
// is sent with Enter, and shows the same people on a page.

const shortest = 2 // letters
const pause = 120 // ms between the last key and the question

class Finder {
  constructor(form) {
    this.form = form
    this.box = form.querySelector("input[type=text], input[type=search]")
    this.options = []
    this.active = -1
    const name = this.box.id + "-found"
    this.list = add(form.querySelector("[data-find-list]"), "ul", { id: name, role: "listbox", class: "wm-found", "aria-label": "People found", hidden: "" })
    this.status = add(form, "p", { class: "govuk-visually-hidden", role: "status" })
    for (const [key, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": name })) {
      this.box.setAttribute(key, value)
    }
    this.box.addEventListener("input", () => this.soon())
    this.box.addEventListener("keydown", (event) => this.key(event))
    this.box.addEventListener("blur", () => this.close())
    // A press on an option must not take the focus before it counts.
    this.list.addEventListener("mousedown", (event) => event.preventDefault())
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]")
      if (option) this.choose(option)
    })
  }

  soon() {
    clearTimeout(this.timer)
    this.asked?.abort()
    if (this.box.value.trim().length < shortest) return this.close()
    this.timer = setTimeout(() => this.ask(), pause)
  }

  async ask() {
    const asked = this.asked = new AbortController()
    try {
      const answer = await fetch(this.form.dataset.find, {
        method: "POST", signal: asked.signal, redirect: "error", body: new URLSearchParams({ who: this.box.value }),
      })
      if (!answer.ok) throw new Error(answer.statusText)
      const found = await answer.json()
      if (asked === this.asked && document.activeElement === this.box) this.show(found)
    } catch (error) {
      if (error.name === "AbortError") return
      this.close() // the form still works
    }
  }

  show(found) {
    this.list.replaceChildren()
    this.options = []
    for (const one of found.people) {
      const option = this.option(one.href)
      add(option, "span", { class: "wm-found__name" }, one.name)
      add(option, "span", { class: "wm-found__about" }, one.about)
      if (one.why) add(option, "span", { class: "wm-found__why" }, one.why)
    }
    if (found.more) add(this.option(""), "span", { class: "wm-found__name" }, found.more)
    this.activate(-1)
    this.open(this.options.length > 0)
    this.status.textContent = found.words
  }

  option(href) {
    const option = add(this.list, "li", { role: "option", id: this.list.id + "-" + this.options.length, "aria-selected": "false", class: "wm-found__option" })
    option.dataset.href = href
    this.options.push(option)
    return option
  }

  key(event) {
    const open = this.box.getAttribute("aria-expanded") === "true"
    const n = this.options.length
    switch (event.key) {
      case "ArrowDown":
        if (!open) { if (n > 0) this.open(true); else this.soon(); break }
        this.activate(this.active + 1 < n ? this.active + 1 : -1)
        break
      case "ArrowUp":
        if (!open) return
        this.activate(this.active < 0 ? n - 1 : this.active - 1)
        break
      case "Enter":
        if (!open || this.active < 0) return // the form is sent
        this.choose(this.options[this.active])
        break
      case "Escape":
        if (open) this.close()
        else this.box.value = ""
        break
      default:
        return
    }
    event.preventDefault()
  }

  activate(i) {
    this.options[this.active]?.setAttribute("aria-selected", "false")
    this.active = i
    const option = this.options[i]
    if (!option) return this.box.removeAttribute("aria-activedescendant")
    option.setAttribute("aria-selected", "true")
    option.scrollIntoView({ block: "nearest" })
    this.box.setAttribute("aria-activedescendant", option.id)
  }

  choose(option) {
    if (option.dataset.href) location.assign(option.dataset.href)
    else this.form.requestSubmit()
  }

  open(is) {
    this.list.hidden = !is
    this.box.setAttribute("aria-expanded", String(is))
  }

  close() {
    clearTimeout(this.timer)
    this.asked?.abort()
    this.activate(-1)
    this.open(false)
    this.status.textContent = ""
  }
}

// add makes an element with plain text in it: nothing that was typed or is held
// is ever read as markup.
function add(to, kind, attributes, text) {
  const element = document.createElement(kind)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  if (text) element.textContent = text
  to.append(element)
  return element
}

for (const form of document.querySelectorAll("form[data-find]")) new Finder(form)

/* The keyboard and the numpad on the screen, for whoever has no other. */
"use strict";
(() => {
  const board = document.getElementById("keyboard");
  let field = null, shift = false;

  const told = (input) => input.dispatchEvent(new Event("input", { bubbles: true }));
  /* An amount fills from its cents, as on every till: 1 2 5 0 is 12,50. */
  const cents = (input) => Number(input.value.replace(/\D/g, "").slice(0, 9));
  const amount = (n) => (n ? `${Math.floor(n / 100)},${String(n % 100).padStart(2, "0")}` : "");
  const type = (input, text) => {
    if (input.maxLength > 0 && input.value.length >= input.maxLength) return;
    if (input.dataset.pad === "euros") {
      const typed = input.dataset.fresh ? 0 : cents(input);
      delete input.dataset.fresh;
      input.value = amount(Number(String(typed) + text));
    } else if (input.selectionStart === null) input.value += text;
    else input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
    told(input);
  };
  const erase = (input) => {
    delete input.dataset.fresh;
    if (input.dataset.pad === "euros") input.value = amount(Math.floor(cents(input) / 10));
    else if (input.selectionStart === null || input.selectionStart === input.selectionEnd) {
      const at = input.selectionStart === null ? input.value.length : input.selectionStart;
      input.value = input.value.slice(0, Math.max(0, at - 1)) + input.value.slice(at);
      if (input.selectionStart !== null) input.setSelectionRange(Math.max(0, at - 1), Math.max(0, at - 1));
    } else input.setRangeText("", input.selectionStart, input.selectionEnd, "end");
    told(input);
  };
  const big = (on) => {
    shift = on;
    for (const key of board.querySelectorAll("[data-letter]")) key.textContent = on ? key.dataset.letter.toLocaleUpperCase("fr") : key.dataset.letter;
    board.classList.toggle("big", on);
  };

  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-type], [data-erase], [data-letter], [data-shift], [data-hide], [data-set-amount]");
    if (!key) return;
    if ("setAmount" in key.dataset) {
      const sum = document.getElementById("amount");
      sum.value = key.dataset.setAmount;
      sum.dataset.fresh = "1";
      told(sum);
      return;
    }
    const input = key.dataset.for ? document.getElementById(key.dataset.for) : field;
    if ("hide" in key.dataset) {
      /* In a list to fill, « done » goes on to the next one. */
      const others = field && "next" in field.dataset ? [...field.form.querySelectorAll("[data-next]")] : [];
      const following = others[others.indexOf(field) + 1];
      if (following) following.focus();
      else if (field) field.blur();
      return;
    }
    if ("shift" in key.dataset) { big(!shift); return; }
    if (!input) return;
    if ("erase" in key.dataset) erase(input);
    else { type(input, "letter" in key.dataset ? key.textContent : key.dataset.type); if (shift) big(false); }
  });
  /* A key of ours never takes the focus away from the field. */
  document.addEventListener("pointerdown", (event) => { if (event.target.closest("#keyboard")) event.preventDefault(); });
  document.addEventListener("mousedown", (event) => { if (event.target.closest("#keyboard, .pad")) event.preventDefault(); });

  const writes = (input) => input.matches("input:not([type]), input[type=text], input[type=password], input[type=search], textarea") && !input.readOnly;
  const away = () => {
    field = null;
    board.hidden = true;
    document.body.classList.remove("typing");
  };
  document.addEventListener("focusin", (event) => {
    if (!writes(event.target)) return;
    /* A field with keys of its own beside it needs no others over them. */
    if (event.target.dataset.pad === "own") { away(); return; }
    field = event.target;
    const pad = field.dataset.pad || "";
    if (pad === "euros" && field.value) field.dataset.fresh = "1";
    board.className = pad ? "digits" : "letters";
    board.hidden = false;
    document.body.classList.add("typing");
    if (!pad) big(!field.value && field.dataset.case !== "low");
    field.scrollIntoView({ block: "center" });
  });
  document.addEventListener("focusout", () => {
    setTimeout(() => {
      if (document.activeElement && document.activeElement !== document.body && writes(document.activeElement)) return;
      away();
    }, 0);
  });

  /* What a row of notes or coins is worth, while it is counted. */
  document.addEventListener("input", (event) => {
    const worth = event.target.dataset.value && event.target.closest("li").querySelector(".worth");
    if (!worth) return;
    const sum = Number(event.target.value.replace(/\D/g, "")) * Number(event.target.dataset.value);
    worth.textContent = sum ? `${amount(sum)} €` : "";
  });

  /* The PIN: digits of a real keyboard work although no field has the focus; a wrong one is wiped. */
  /* The last one: a manager's PIN is asked over the page. */
  const door = () => [...document.querySelectorAll("[data-first]")].at(-1);
  document.addEventListener("keydown", (event) => {
    const field = door();
    if (!field || event.target === field) return;
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
    if (digit) type(field, digit[1]);
    else if (event.code === "Backspace") erase(field);
    else if (event.code === "Enter" || event.code === "NumpadEnter") field.form.requestSubmit();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const field = door();
    if (field && !event.detail.successful) field.value = "";
  });
})();

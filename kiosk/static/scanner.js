/* The scanner: one that types like a keyboard, only faster, or one that the box hears. What it read goes to one place. */
"use strict";
(() => {
  const body = document.body;
  const chance = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);

  /* Where a code goes: into the field that waits for one, to the page's own desk, or to the till. */
  let now = null;
  document.addEventListener("htmx:configRequest", (event) => {
    if (!now) return;
    event.detail.parameters.attempt = now.attempt;
    event.detail.headers["Zinc-Read"] = "1";
    if (now.number) event.detail.headers["Zinc-Scan"] = now.number;
  });
  /* A desk that does not know a code leaves it to the rest of the house. */
  let asked = null;
  document.addEventListener("htmx:afterRequest", (event) => {
    const scan = asked, { elt, xhr } = event.detail;
    if (!scan || !elt || !elt.hasAttribute("data-scan")) return;
    asked = null;
    if (xhr && xhr.getResponseHeader("Zinc-Unknown-Code")) queue({ ...scan, elsewhere: true });
  });
  const frame = () => document.getElementById("frame") || body;
  const place = () => document.querySelector("[data-scan]") || frame();
  const send = (scan) => {
    const own = scan.elsewhere ? null : document.querySelector("[data-scan]");
    let left = false;
    const leaves = () => { left = true; };
    document.addEventListener("htmx:beforeSend", leaves);
    now = scan;
    if (own) {
      own.querySelector("[name=code]").value = scan.code;
      asked = scan;
      htmx.trigger(own, "submit");
    } else {
      asked = null;
      const bill = document.getElementById("bill");
      htmx.ajax("POST", "/scan", {
        values: { code: scan.code, tab: bill ? bill.dataset.tab : "", bill: bill ? 1 : "" },
        source: frame(), target: bill ? "#bill" : "#say", swap: "outerHTML",
      });
    }
    now = null;
    document.removeEventListener("htmx:beforeSend", leaves);
    return left;
  };
  const fill = (field, scan) => {
    field.value = scan.code.replace(/^\][A-Za-z]\d/, "").slice(0, field.maxLength > 0 ? field.maxLength : 200);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    if (scan.number) fetch("/scans/done", { method: "POST", headers: { "Zinc-Scan": scan.number } });
  };
  const scanned = (code, attempt, number) => {
    const scan = { code, attempt: attempt || chance(), number };
    const into = document.querySelector("[data-scan-into]");
    if (into) return fill(document.getElementById(into.dataset.scanInto), scan);
    /* Before the door a scan is nobody's. */
    if (body.classList.contains("locked") || !document.getElementById("say")) return;
    queue(scan);
  };
  /* Behind the taps and scans before it: two quick scans are two articles, in that order. */
  const queue = (scan) => {
    const key = () => (scan.elsewhere ? frame() : place());
    document.dispatchEvent(new CustomEvent("zinc:queue", { detail: { get key() { return key(); }, send: () => send(scan) } }));
  };

  /* Keys. A scanner sends places of keys, not letters: `event.code` says which, whatever the layout of the box.
     One that was set for a French keyboard holds Shift for its digits: then the places are AZERTY's. */
  const QWERTY = { Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Semicolon: ";:", Quote: "'\"",
    Comma: ",<", Period: ".>", Slash: "/?", Backslash: "\\|", Space: "  " };
  const SHIFTED = ")!@#$%^&*(";
  const AZERTY = { KeyQ: "AA", KeyA: "QQ", KeyW: "ZZ", KeyZ: "WW", Semicolon: "MM", KeyM: ",?", Comma: ";.", Period: ":/",
    Slash: "!§", Minus: ")°]", Equal: "=+}", Quote: "ù%", Backslash: "*µ", Space: "  " };
  const BARE = "à&é\"'(-è_ç", GRAPH = "@  #{[|`\\^";
  const PAD = { NumpadSubtract: "-", NumpadAdd: "+", NumpadDecimal: ".", NumpadDivide: "/", NumpadMultiply: "*" };
  const digit = (key) => (/^Digit\d$/.test(key.code) ? Number(key.code[5]) : -1);
  const letter = (key, french) => {
    if (/^Numpad\d$/.test(key.code)) return key.code[6];
    if (PAD[key.code]) return PAD[key.code];
    const n = digit(key);
    if (n >= 0) return french ? (key.graph ? GRAPH[n] : key.shift ? String(n) : BARE[n]) : key.shift ? SHIFTED[n] : String(n);
    const signs = (french ? AZERTY : QWERTY)[key.code];
    if (signs) return signs[key.graph ? 2 : key.shift ? 1 : 0] || "";
    return /^Key[A-Z]$/.test(key.code) ? key.code[3] : "";
  };
  const read = (keys) => {
    const digits = keys.filter((key) => digit(key) >= 0);
    const french = digits.some((key) => key.shift) && digits.filter((key) => key.shift).length * 2 >= digits.length;
    return keys.map((key) => letter(key, french)).join("").trim();
  };
  /* Six signs, or the few of our own labels (P-42): fewer may be a PIN typed by a quick hand. */
  const isCode = (text) => text.length >= 6 || /^[A-Z]+-\d+$/.test(text);
  const GAP_MS = 50, MEAN_MS = 35, END_MS = 100, UNENDED = 8;

  let keys = [], first = 0, last = 0, sure = false, end = 0, fields = [];
  const forget = () => { keys = []; sure = false; clearTimeout(end); };
  /* What the burst typed into a field is taken out again: nobody typed it. */
  const undo = () => {
    for (const { field, value } of fields) {
      if (field.value === value) continue;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const quick = () => sure || (last - first) / Math.max(1, keys.length - 1) < MEAN_MS;
  const finish = (least) => {
    const code = read(keys), meant = (sure && code) || (quick() && isCode(code) && code.length >= least);
    if (meant) undo();
    forget();
    if (meant) scanned(code);
    return meant;
  };
  const stop = (event) => { event.preventDefault(); event.stopPropagation(); };
  document.addEventListener("keydown", (event) => {
    /* A sign that some scanners are set to send first: no need to guess by speed. */
    if (event.code === "F12") { stop(event); forget(); sure = true; last = event.timeStamp; fields = []; return; }
    if (event.timeStamp - last > (sure ? 500 : GAP_MS)) forget();
    if (event.code === "Enter" || event.code === "NumpadEnter" || event.code === "Tab") {
      if (keys.length && finish(0)) stop(event);
      return;
    }
    const graph = event.getModifierState("AltGraph");
    const key = { code: event.code, shift: event.shiftKey, graph };
    if (!letter(key, false) && !letter(key, true)) return;
    /* A key held down, a shortcut: a hand. */
    if (event.repeat || ((event.ctrlKey || event.altKey || event.metaKey) && !graph)) { forget(); return; }
    if (!keys.length && !sure) {
      first = event.timeStamp;
      fields = [document.activeElement, ...document.querySelectorAll("[data-first]")]
        .filter((field) => field && "value" in field).map((field) => ({ field, value: field.value }));
    }
    keys.push(key);
    last = event.timeStamp;
    if (sure) stop(event);
    /* In a burst, a space must not press the key that has the focus. */
    else if (event.code === "Space" && keys.length > 2 && !fields.length) event.preventDefault();
    clearTimeout(end);
    end = setTimeout(() => finish(UNENDED), END_MS);
  }, true);

  /* Scanners that the box hears: the screen touched last listens. */
  const address = body.dataset.ear;
  if (!address) return;
  let line = null, heard = 0;
  const shut = () => { if (line) line.close(); line = null; delete body.dataset.hears; };
  const open = () => {
    if (document.hidden || (line && line.readyState !== EventSource.CLOSED)) return;
    line = new EventSource(address);
    line.addEventListener("open", () => { body.dataset.hears = "1"; });
    line.addEventListener("scan", (event) => {
      const { number, code, attempt } = JSON.parse(event.data);
      if (number <= heard) return;
      heard = number;
      scanned(code, attempt, number);
    });
    line.addEventListener("machines", () => htmx.trigger(body, "machines"));
    line.addEventListener("away", shut);
  };
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, open, { passive: true });
  document.addEventListener("visibilitychange", () => (document.hidden ? shut() : open()));
  addEventListener("pagehide", shut);
  open();
})();

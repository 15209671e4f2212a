/* The little the browser must do itself: keep taps in order, lock after a rest. */
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const body = document.body;

  /* The message line, when the till itself cannot answer. */
  const complain = () => {
    const say = $("say");
    if (!say) return;
    const bold = document.createElement("b");
    bold.textContent = body.dataset.noLine + " ";
    say.className = "say bad";
    say.replaceChildren(bold, body.dataset.noLineRemedy);
  };

  /* Taps on the counter wait for each other: two quick taps are two coffees, in that order.
     A key drawn anew while its tap waited is found again by its id. */
  const waiting = [];
  let flying = null;
  const next = () => {
    if (flying || !waiting.length) return;
    const tap = waiting.shift();
    const key = body.contains(tap.key) ? tap.key : $(tap.key.id);
    if (!key) return next();
    flying = key;
    if (key === tap.key) { if (tap.send(true) === false) { flying = null; next(); } }
    else { flying = null; again = true; htmx.trigger(key, "click"); again = false; }
  };
  let again = false;
  /* A money key is never tapped twice before its answer is seen: a bounce is not a second wish, and the next
     picture's keys lie under the same finger. */
  const MONEY = ".money, #work[data-work^='pay']", BOUNCE_MS = 400;
  let money = -1e9, answered = null, answeredAt = -1e9;
  const bounces = (key) => {
    const now = performance.now();
    const same = (other) => other && (other === key || (key.id && other.id === key.id));
    if (now - money < BOUNCE_MS || same(flying) || waiting.some((tap) => same(tap.key))) return true;
    if (same(answered) && now - answeredAt < BOUNCE_MS) return true;
    money = now;
    return false;
  };
  document.addEventListener("htmx:confirm", (event) => {
    const key = event.detail.elt;
    if (!key.hasAttribute("data-queue")) return;
    event.preventDefault();
    if (key.closest(MONEY) && !again && bounces(key)) return;
    if (key.hasAttribute("data-press")) mark(key, 1);
    waiting.push({ key, send: event.detail.issueRequest });
    next();
  });
  /* A scan waits its turn behind the taps. */
  document.addEventListener("zinc:queue", (event) => { waiting.push(event.detail); next(); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.requestConfig || event.detail.requestConfig.elt !== flying) return;
    answered = flying;
    answeredAt = performance.now();
    setTimeout(() => { flying = null; next(); });
  });
  /* A tile whose answer was lost keeps its attempt, so that tapped again it is the same coffee; until a bill is
     drawn, which shows whether it was taken. */
  const unanswered = new Map();
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      const { elt, path, parameters } = event.detail.requestConfig;
      if (elt.matches("[data-press][data-queue]")) unanswered.set(path, parameters.attempt);
      waiting.length = 0;
      flying = null;
      complain();
      badges();
    });
  }
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "bill") unanswered.clear(); });
  /* A link asks first whether the till is there: from the browser's own error page a screen without keyboard
     finds no way back. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || link.target || link.origin !== location.origin || link.hash) return;
    event.preventDefault();
    fetch("/static/icon.svg", { method: "HEAD", cache: "no-store" }).then(() => location.assign(link.href), complain);
  });
  const chance = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail;
    if (elt.hasAttribute("data-press")) parameters.attempt = unanswered.get(event.detail.path) || chance();
    if (elt.hasAttribute("data-queue") && $("bill")) parameters.tab = $("bill").dataset.tab;
    if ($("work")) parameters.work = $("work").dataset.work || "";
  });

  /* The sheet that asks for a manager goes once its act is done, or is left. */
  document.addEventListener("htmx:afterRequest", (event) => {
    const sheet = event.detail.elt && event.detail.elt.closest("#ask-manager");
    if (sheet && event.detail.successful) sheet.remove();
  });
  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-close]");
    if (key) document.querySelector(key.dataset.close).remove();
  });

  /* « The printer has no paper, the slip will come by itself » goes once it came: the status line says it no more. */
  document.addEventListener("htmx:afterSettle", (event) => {
    const say = $("say"), act = say && say.querySelector(".say-act");
    if (!event.detail.target || event.detail.target.id !== "machines" || !act || !("passes" in say.dataset)) return;
    if (!document.querySelector(`#machines a[href="${act.getAttribute("href")}"]`)) { say.className = "say"; say.replaceChildren(); }
  });

  /* How many of each product are on the bill, on its tile. */
  const mark = (tile, more) => {
    const count = tile.querySelector(".count b");
    if (!count) return;
    count.textContent = Math.max(0, (parseInt(count.textContent, 10) || 0) + more);
    tile.classList.add("taken");
  };
  const badges = () => {
    const bill = $("bill");
    if (!bill || !bill.dataset.taken) return;
    const taken = JSON.parse(bill.dataset.taken);
    for (const tile of document.querySelectorAll(".tile[data-product]")) {
      const n = taken[tile.dataset.product] || 0;
      tile.classList.toggle("taken", n > 0);
      tile.querySelector(".count b").textContent = n;
    }
  };
  document.addEventListener("htmx:afterSettle", badges);

  /* A long press opens quantity, price, note. */
  let held = 0, swallow = false;
  document.addEventListener("pointerdown", (event) => {
    const key = event.target.closest("[data-hold]");
    swallow = false;
    clearTimeout(held);
    if (key) held = setTimeout(() => { swallow = true; htmx.ajax("GET", key.dataset.hold, { target: "#work", swap: "outerHTML" }); }, 550);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove"]) {
    document.addEventListener(name, (event) => { if (name !== "pointermove" || Math.abs(event.movementX) + Math.abs(event.movementY) > 9) clearTimeout(held); });
  }
  document.addEventListener("click", (event) => {
    if (swallow) { swallow = false; event.preventDefault(); event.stopPropagation(); }
  }, true);
  document.addEventListener("contextmenu", (event) => { if (event.target.closest("[data-hold]")) event.preventDefault(); });

  /* Nobody there for a while: lock. The bill stays. */
  let rested = 0;
  const rest = () => {
    const seconds = Number(body.dataset.idle);
    clearTimeout(rested);
    if (seconds > 0) rested = setTimeout(() => location.assign(`/lock?rested=1&back=${encodeURIComponent(location.pathname + location.search)}`), seconds * 1000);
  };
  for (const name of ["pointerdown", "keydown", "zinc:queue"]) document.addEventListener(name, rest, { passive: true });
  rest();

  /* Who fills in a long form asks nothing of the till meanwhile: it is told, once a minute, that somebody is there. */
  let told = Date.now();
  document.addEventListener("input", () => {
    if (Number(body.dataset.idle) > 0 && Date.now() - told > 60000) { told = Date.now(); fetch("/here"); }
  }, { passive: true });
})();

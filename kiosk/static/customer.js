/* The customer's screen asks for the next picture; the till answers when there is one. */
"use strict";
(() => {
  const seen = document.getElementById("seen"), body = document.body;
  let number = seen.firstElementChild.dataset.number, hold = 1, looks = 0;
  const again = (ms) => setTimeout(ask, ms);
  const ask = async () => {
    try {
      const answer = await fetch(`${body.dataset.now}?seen=${number}&hold=${hold}`, { cache: "no-store", signal: AbortSignal.timeout(40000) });
      if (!answer.ok) throw new Error(answer.status);
      if (answer.status === 200) {
        seen.innerHTML = await answer.text();
        number = seen.firstElementChild.dataset.number;
      }
      body.classList.remove("lost");
      /* Another window has the line: look now and then, and ask for it back once a minute. */
      hold = answer.headers.has("Zinc-Taken") ? 0 : hold || ++looks % 30 === 0 ? 1 : 0;
      again(hold ? 0 : 2000);
    } catch {
      /* The till is not there: better the café's name than a bill of a while ago. */
      body.classList.add("lost");
      number = -1;
      again(2000);
    }
  };
  ask();
})();

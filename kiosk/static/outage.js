/* The till that cannot open: asked again until it does. A page that reloads itself might meet nobody, and stay there. */
"use strict";
setInterval(() => fetch(location.href, { cache: "no-store" }).then((answer) => { if (answer.status !== 503) location.reload(); }, () => {}), 3000);

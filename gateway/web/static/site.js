// For comfort only: every page works without it.
// Escape pressed twice leaves, as the button does.
let last = 0;
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const now = Date.now();
  if (now - last < 600) document.querySelector("button.exit")?.click();
  last = now;
});

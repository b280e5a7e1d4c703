// Keys for those who like them; the page works without. A key goes to a button and never presses it.
"use strict";

function move(by) {
  const stops = [...document.querySelectorAll("a.stop")];
  const at = stops.indexOf(document.activeElement);
  const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), stops.length - 1);
  if (stops[next]) stops[next].focus();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "u") location.assign("/approvals");
  else if (/^[a-z]$/.test(event.key)) {
    const wanted = document.querySelector(`[data-key="${event.key}"]`);
    if (!wanted) return;
    if (wanted.tagName === "SUMMARY") wanted.parentElement.open = true;
    wanted.focus();
  } else return;
  event.preventDefault();
});

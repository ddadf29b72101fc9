// "Leave this page": replaces the page, so that the Back button does not return to it.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-leave]");
  if (!link) return;
  event.preventDefault();
  document.body.hidden = true;
  location.replace(link.href);
});

/** Where the link goes: a page that says nothing about the one left. */
export const NEUTRAL = "https://www.bbc.co.uk/weather";

// Selects the browser's time zone, where nobody has chosen one yet. The page works without it.
const list = document.querySelector("#timezone[data-guess]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (list && zone) {
  if (![...list.options].some((one) => one.value === zone)) list.add(new Option(zone.replaceAll("_", " "), zone));
  list.value = zone;
}

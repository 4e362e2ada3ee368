// Draws the API's description by Redoc in our colours, light or dark as the reader's system asks for.
const page = document.getElementById("reference");
const dark = matchMedia("(prefers-color-scheme: dark)");
const { light, dark: night, font } = JSON.parse(page.dataset.palette);

function theme(colours) {
  return {
    colors: {
      primary: { main: colours.link, contrastText: colours.page },
      success: { main: colours.good }, warning: { main: colours.warning }, error: { main: colours.bad },
      gray: { 50: colours.wash, 100: colours.line },
      text: { primary: colours.text, secondary: colours.soft },
      border: { dark: colours.line, light: colours.line },
      responses: {
        success: { color: colours.good, backgroundColor: colours.wash }, error: { color: colours.bad, backgroundColor: colours.wash },
        redirect: { color: colours.warning, backgroundColor: colours.wash }, info: { color: colours.link, backgroundColor: colours.wash },
      },
    },
    schema: { nestedBackground: colours.wash, linesColor: colours.field, typeNameColor: colours.soft, requireLabelColor: colours.bad },
    typography: {
      fontSize: "16px", lineHeight: "1.5", fontFamily: font, optimizeSpeed: false,
      headings: { fontFamily: font, fontWeight: "700", lineHeight: "1.3" },
      code: { fontSize: "14px", color: colours.text, backgroundColor: colours.wash, wrap: true },
      links: { color: colours.link, hover: colours["link-hover"] },
    },
    sidebar: { width: "17rem", backgroundColor: colours.wash, textColor: colours.text, activeTextColor: colours.link,
      groupItems: { textTransform: "none", activeBackgroundColor: colours.page },
      level1Items: { activeBackgroundColor: colours.page } },
    rightPanel: { backgroundColor: night.wash, textColor: night.text,
      servers: { overlay: { backgroundColor: night.card, textColor: night.text }, url: { backgroundColor: night.page } } },
    codeBlock: { backgroundColor: night.page },
    fab: { backgroundColor: colours.action, color: colours["on-action"] },
  };
}

function draw() {
  const place = document.createElement("div");
  page.replaceChildren(place);
  Redoc.init(page.dataset.source, { theme: theme(dark.matches ? night : light), disableGoogleFont: true, scrollYOffset: ".docs-bar" }, place);
}

// Redoc's headings jump from the second level to the fifth.
new MutationObserver(() => page.querySelectorAll("h5:not([aria-level])").forEach(one => one.setAttribute("aria-level", "3")))
  .observe(page, { childList: true, subtree: true });
dark.addEventListener("change", draw);
draw();

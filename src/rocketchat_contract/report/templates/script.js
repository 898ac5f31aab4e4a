"use strict";
(() => {
  const announce = (button, text) => {
    const before = button.textContent;
    button.textContent = text;
    setTimeout(() => { button.textContent = before; }, 1500);
  };
  const select = (element) => getSelection().selectAllChildren(element);
  for (const command of document.querySelectorAll("pre.command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(command.textContent);
        announce(button, "Copied");
      } catch {
        select(command);
        announce(button, "Selected");
      }
    });
    command.before(button);
  }

  const section = document.getElementById("requirements");
  const rows = [...section.querySelectorAll("tr[data-outcome]")];
  const outcomes = [...new Set(rows.map((row) => row.dataset.outcome))];
  const form = document.createElement("form");
  form.className = "filter";
  form.setAttribute("role", "search");
  form.innerHTML = '<label>Show <select></select></label> <label>with the words <input type="search" autocomplete="off"></label> <output></output>';
  const [choice, words, told] = ["select", "input", "output"].map((name) => form.querySelector(name));
  choice.add(new Option("every outcome", ""));
  for (const outcome of outcomes) choice.add(new Option(outcome.replace("-", " "), outcome));
  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    for (const row of rows) {
      const fits = (!choice.value || row.dataset.outcome === choice.value) && row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits;
    }
    for (const table of section.querySelectorAll("table")) {
      const empty = !table.querySelector("tbody tr:not([hidden])");
      table.hidden = empty;
      table.previousElementSibling.hidden = empty;
      table.previousElementSibling.previousElementSibling.hidden = empty;
    }
    const shown = rows.filter((row) => !row.hidden).length;
    told.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} shown`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  section.querySelector(".legend").after(form);

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.closest("details");
    if (fold) fold.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();
})();

/* Sorts and filters the tables of the page, and opens what is folded when somebody goes there or prints. */
"use strict";
(() => {
  const order = new Intl.Collator(undefined, { numeric: true });

  function valueOf(row, column) {
    const cell = row.cells[column];
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim();
  }

  function compare(left, right) {
    if (typeof left === "number" && typeof right === "number") return left - right;
    if (typeof left !== typeof right) return typeof left === "number" ? -1 : 1;
    return order.compare(left, right);
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].map((row) => [valueOf(row, column), row]);
        rows.sort((left, right) => (down ? compare(right[0], left[0]) : compare(left[0], right[0])));
        body.append(...rows.map((each) => each[1]));
      });
    });
  }

  function filterable(table) {
    const rows = [...table.tBodies[0].rows];
    const label = document.createElement("label");
    const input = document.createElement("input");
    const told = document.createElement("output");
    label.className = "filter";
    input.type = "search";
    input.placeholder = "filter";
    input.setAttribute("aria-label", `Filter: ${table.caption.textContent}`);
    told.setAttribute("aria-live", "polite");
    label.append(input, told);
    table.closest(".table").querySelector(".over").append(label);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      for (const row of rows) {
        const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) left += 1;
      }
      told.textContent = words.length ? `${left} of ${rows.length}` : "";
    });
  }

  document.querySelectorAll("table[data-sort]").forEach(sortable);
  document.querySelectorAll("table[data-filter]").forEach(filterable);

  function reveal() {
    const goal = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!goal) return;
    for (let each = goal; each; each = each.parentElement) {
      if (each instanceof HTMLDetailsElement) each.open = true;
    }
    goal.scrollIntoView();
  }

  addEventListener("hashchange", reveal);
  reveal();

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((each) => { each.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((each) => { each.open = false; }));
})();

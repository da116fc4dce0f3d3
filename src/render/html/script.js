"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const value = (row, index) => {
    const cell = row.cells[index];
    return cell.dataset.sort ?? cell.textContent.trim();
  };
  const compare = (a, b) => {
    const x = Number(a), y = Number(b);
    const numbers = a !== "" && b !== "" && !Number.isNaN(x) && !Number.isNaN(y);
    return numbers ? x - y : a.localeCompare(b, "en", { numeric: true });
  };
  for (const table of all("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        // Numbers are wanted from the largest, words from A.
        const first = head.classList.contains("n") || head.dataset.first === "descending" ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = head.getAttribute("aria-sort") === first ? other : first;
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const body = table.tBodies[0];
        body.append(...[...body.rows].sort((a, b) => sign * compare(value(a, index), value(b, index))));
      });
    });
  }
  const tools = document.querySelector(".tools");
  const rows = all(".sortable .rule");
  if (tools && rows.length) {
    tools.hidden = false;
    tools.addEventListener("submit", (event) => event.preventDefault());
    const find = document.getElementById("find");
    const shown = document.getElementById("shown");
    const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const filter = () => {
      const wanted = find.value.trim().toLowerCase();
      const outcomes = new Set(all("input[name=outcome]:checked", tools).map((box) => box.value));
      const chosen = all("input[name=outcome]", tools).length > 0;
      let count = 0;
      for (const row of rows) {
        const keep = words.get(row).includes(wanted) && (!chosen || outcomes.has(row.dataset.outcome));
        row.hidden = !keep;
        count += keep;
      }
      shown.textContent = count + " of " + rows.length + " shown";
    };
    tools.addEventListener("input", filter);
    const toggle = (open) => rows.forEach((row) => all("details", row).forEach((part) => (part.open = open && !row.hidden)));
    document.getElementById("open").addEventListener("click", () => toggle(true));
    document.getElementById("close").addEventListener("click", () => toggle(false));
    filter();
  }
  for (const button of all("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = button.parentElement.querySelector("pre").textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(button.parentElement.querySelector("pre"));
        button.textContent = "marked: copy it";
      }
    });
  }
  const show = () => {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return;
    }
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      const row = target.closest("tr");
      if (row) row.hidden = false;
      target.scrollIntoView({ block: "center" });
    }
  };
  addEventListener("hashchange", show);
  show();
})();

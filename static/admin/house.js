// Names for the theme's inputs that have none: from their label, or the head of their column.
function nameOf(input) {
  const label = input.id && document.querySelector(`label[for="${input.id}"]`);
  if (label) return label.textContent.trim();
  const cell = input.closest("td");
  const table = input.closest("table");
  const head = cell && table && table.querySelectorAll("thead th")[cell.cellIndex];
  return head ? head.textContent.trim() : "";
}

function nameInputs(within) {
  for (const input of within.querySelectorAll("td select, td input:not([type=hidden])")) {
    const name = nameOf(input);
    if (name && !input.getAttribute("aria-label")) input.setAttribute("aria-label", name);
  }
  for (const select of within.querySelectorAll("select.admin-autocomplete")) {
    const drawn = select.nextElementSibling;
    const parts = drawn ? drawn.querySelectorAll("[role=combobox], [role=textbox]") : [];
    for (const part of parts) part.setAttribute("aria-label", nameOf(select) || select.name);
  }
}

// On a phone each cell shows its column's name; the theme takes every first column for a checkbox.
function labelFirstCells() {
  const head = document.querySelector("#result_list thead th");
  if (!head || head.classList.contains("action-checkbox-column")) return;
  for (const row of document.querySelectorAll("#result_list tbody tr")) {
    if (row.cells.length) row.cells[0].dataset.label = head.textContent.trim();
  }
}

// The theme shows a cell's label with every word capitalised; ours begins as a sentence does.
function capitaliseLabels(within) {
  for (const cell of within.querySelectorAll("[data-label]")) {
    const label = cell.dataset.label.trim();
    const begun = label.charAt(0).toUpperCase() + label.slice(1);
    if (begun !== cell.dataset.label) cell.dataset.label = begun;
  }
}

// The theme draws its search inputs whenever it is ready, and rows are added later still.
document.addEventListener("DOMContentLoaded", () => {
  nameInputs(document);
  labelFirstCells();
  capitaliseLabels(document);
  new MutationObserver(() => {
    nameInputs(document);
    capitaliseLabels(document);
  }).observe(document.body, {
    childList: true,
    subtree: true,
  });
});

// Fields for numbers: letters are refused, what is half a number is marked, and neither stays.

const NO_NUMBER = /[^\d.,eE+\-]/; // Firefox takes any letter into a number field, and then says that it is empty

/** Have a number field refuse what is no number. What is marked when it is left becomes the last number again. */
export function onlyNumbers(field) {
  let last = field.value;
  field.addEventListener("focus", () => (last = field.value));
  field.addEventListener("beforeinput", (event) => {
    if (event.data && NO_NUMBER.test(event.data)) event.preventDefault();
  });
  field.addEventListener("input", () => {
    if (field.validity.badInput) return field.setAttribute("aria-invalid", "true");
    last = field.value;
    field.removeAttribute("aria-invalid");
  });
  field.addEventListener("blur", () => {
    if (!field.validity.badInput) return;
    field.value = last;
    field.removeAttribute("aria-invalid");
  });
  return field;
}

// A call that waits until the hand rests.

export const later = (run, ms) => {
  let timer = 0;
  const start = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(run, ms, ...values);
  };
  start.cancel = () => clearTimeout(timer);
  return start;
};

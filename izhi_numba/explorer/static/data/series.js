// The newest values of something that goes on.

/** The newest values of something per ms, as many as there are pixels. */
export class Scroll {
  constructor(width, each, Type, fill) {
    Object.assign(this, { width, each, Type, fill });
    this.data = new Type(width * each).fill(fill);
  }

  push(values) {
    const keep = Math.max(0, this.data.length - values.length);
    this.data.copyWithin(0, this.data.length - keep);
    this.data.set(keep ? values : values.subarray(values.length - this.data.length), keep);
  }

  resized(width) {
    const other = new Scroll(width, this.each, this.Type, this.fill);
    other.push(this.data);
    return other;
  }
}

/** Moving mean over the last few values. */
export function smoothed(values, span) {
  const found = new Float32Array(values.length);
  let sum = 0;
  let count = 0;
  values.forEach((value, i) => {
    if (value === value) {
      sum += value;
      count++;
    }
    const gone = values[i - span];
    if (gone === gone && i >= span) {
      sum -= gone;
      count--;
    }
    found[i] = count && value === value ? sum / count : NaN;
  });
  return found;
}

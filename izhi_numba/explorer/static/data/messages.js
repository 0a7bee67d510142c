// Arrays of a message, from the bytes that came with it.

const DTYPES = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint16: Uint16Array, uint8: Uint8Array };

/** Arrays of a message by name: {data, shape}. */
export function arraysOf(header, buffers) {
  const found = {};
  (header.arrays ?? []).forEach(({ name, dtype, shape }, index) => {
    const view = buffers[index];
    const Type = DTYPES[dtype];
    const size = Type.BYTES_PER_ELEMENT;
    const aligned = view.byteOffset % size === 0;
    const bytes = aligned ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
    found[name] = { data: new Type(bytes.buffer, bytes.byteOffset, Math.floor(view.byteLength / size)), shape };
  });
  return found;
}

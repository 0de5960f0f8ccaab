/** Looks like a real key, so that it is found wherever it leaks. */
export const testKey = 'sk-conformance-7Qx2LmZp9TfVb4'

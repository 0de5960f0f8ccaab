/** Making a format takes longer than living a call; worlds share those that are made alike. */
export function rememberFormats(): Disposable {
  const real = Intl.DateTimeFormat
  const known = new Map<string, Intl.DateTimeFormat>()
  Intl.DateTimeFormat = new Proxy(real, {
    construct(target, given) {
      const key = JSON.stringify(given)
      const format = known.get(key) ?? Reflect.construct(target, given)
      known.set(key, format)
      return format
    },
  })
  return {
    [Symbol.dispose]: () => {
      Intl.DateTimeFormat = real
    },
  }
}

/** Keeps count of who listens to a signal. */
export function countListeners(signal: AbortSignal, count: { listeners: number }): void {
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count.listeners++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count.listeners--
    remove(...args)
  }
}

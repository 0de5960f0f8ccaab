/** How an answer's headers are asked for; `Headers` is one. Names in lower case. */
export interface HeaderReader {
  get(name: string): string | null | undefined
}

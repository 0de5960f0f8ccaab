/** This dialect's name, in `extra`, `origin` and `boundTo`. */
export const dialect = 'anthropic-messages'

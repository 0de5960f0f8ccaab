/** This dialect's name, in `extra`, `origin` and `boundTo`. */
export const dialect = 'ollama-chat'

/** Names this wire format in capabilities, in `extra` and in `boundTo`. */
export const dialect = 'acme-cloud'

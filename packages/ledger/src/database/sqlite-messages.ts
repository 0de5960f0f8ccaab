/** What a SQLite value may be on its way in and out. */
export type SqliteValue = null | number | bigint | string | Uint8Array

/** Handed to the thread as it starts. */
export interface SqliteThreadSettings {
  readonly file: string
  readonly readOnly: boolean
  readonly busyTimeoutMs: number
}

export interface SqliteStatement {
  readonly sql: string
  /** The statement is run once with each. */
  readonly parameterSets: readonly (readonly SqliteValue[])[]
}

export type SqliteRequest =
  | ({ readonly type: 'run'; readonly id: number } & SqliteStatement)
  | { readonly type: 'close'; readonly id: number }

export interface SqliteResult {
  readonly rows: readonly Readonly<Record<string, SqliteValue>>[]
  /** Rows inserted, updated or deleted. */
  readonly changes: bigint
}

export type SqliteReply =
  | { readonly id: number; readonly result: SqliteResult }
  | { readonly id: number; readonly error: { readonly message: string; readonly resultCode: number } }

/** Nobody gave a connection back in time: others ask for much, which says nothing of the database. */
export class ConnectionsBusy extends Error {
  override readonly name = 'ConnectionsBusy'
}

// What Node's DuckDB reads of a publication; arguments and output are those of read.py.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'

const [folder, queries, last] = process.argv.slice(2)
const asked = readFileSync(queries, 'utf8').split('\n').filter(Boolean)
let printed = ''

for (;;) {
  const publication = readFileSync(join(folder, 'CURRENT'), 'utf8').trim()
  const file = join(folder, `warehouse-${publication}.duckdb`)
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  const answers = []
  for (const query of asked) {
    const rows = (await connection.runAndReadAll(query)).getRows()
    answers.push(rows.map((row) => row.map((value) => (value === null ? null : String(value)))))
  }
  connection.closeSync()
  instance.closeSync()
  const line = JSON.stringify([publication, answers])
  if (line !== printed) console.log(line)
  printed = line
  if (publication >= last) break
  await sleep(200)
}

// The clients that front ends use, each once over one server: prints "NAME TAB ok" or "NAME TAB what went wrong" a line.
const [url, folder] = process.argv.slice(2);
for (const name of ['types', 'relay', 'apollo', 'urql', 'streams']) {
  let outcome = 'ok';
  try {
    const { default: check } = await import(`./${name}.mjs`);
    await check({ url, folder });
  } catch (error) {
    outcome = JSON.stringify(error.stack ?? error);
  }
  console.log(`${name}\t${outcome}`);
}
process.exit();

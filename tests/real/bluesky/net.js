// A PLC directory in memory and a PDS, in one process: node -r ./loopback.js net.js PLC_PORT PDS_PORT
const [plcPort, pdsPort] = [Number(process.argv[2]), Number(process.argv[3])];
const plc = require('@did-plc/server');
const { PDS, envToCfg, envToSecrets, readEnv } = require('@atproto/pds');

(async () => {
  const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: plcPort });
  await directory.start();
  process.env.PDS_PORT = String(pdsPort);
  process.env.PDS_DID_PLC_URL = `http://127.0.0.1:${plcPort}`;
  const env = readEnv();
  const pds = await PDS.create(envToCfg(env), envToSecrets(env));
  await pds.start();
  console.log('ready');
  process.on('SIGTERM', async () => {
    await pds.destroy();
    await directory.destroy();
    process.exit(0);
  });
})().catch((error) => {
  console.error(error);
  process.exit(1);
});

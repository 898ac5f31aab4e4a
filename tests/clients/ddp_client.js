// Lives a visitor's life with the REST half of @rocket.chat/ddp-client and prints what its methods returned.
globalThis.WebSocket = class {};
const { LivechatClientImpl } = require('@rocket.chat/ddp-client/dist/livechat/LivechatClientImpl');

const refused = (promise) => promise.then(() => null, async (answer) => ({ status: answer.status, data: await answer.json() }));

(async () => {
  const client = LivechatClientImpl.create(process.argv[2].replace(/^http/, 'ws'));
  const told = {};
  told.config = await client.config({});
  told.visitor = (await client.grantVisitor({ visitor: { token: process.argv[3], name: 'Mary' } })).visitor;
  told.next = await client.nextAgent();
  told.first = await client.room();
  told.again = await client.room({});
  const rid = told.first._id;
  told.byId = await client.room({ rid });
  told.unknown = await refused(client.room({ rid: 'unknown' }));
  told.message = (await client.sendMessage({ rid, msg: 'hello' })).message;
  told.history = await client.loadMessages(rid);
  told.agent = await client.agent(rid);
  told.status = await client.updateVisitorStatus('away');
  told.known = (await client.visitor()).visitor;
  told.closed = await client.closeChat({ rid });
  told.deleted = (await client.deleteVisitor()).visitor;
  process.stdout.write(JSON.stringify(told), () => process.exit(0));
})();

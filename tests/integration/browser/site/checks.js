// Each check gives a text, which the server compares with what it expects.
const checks = {
    style: async () => getComputedStyle(document.body).color,
    picture: async () => {
        const picture = document.getElementById("picture");
        await picture.decode();
        return `${picture.naturalWidth}x${picture.naturalHeight}`;
    },
    cookie: async () => document.cookie,
    compressed: async () => {
        const response = await fetch("large");
        return `${response.headers.get("Content-Encoding")} ${(await response.text()).length}`;
    },
    form: async () => {
        const form = new FormData();
        form.append("name", "Zoë");
        form.append("file", new Blob(["x".repeat(300000)], { type: "text/plain" }), "naïve \"file\".txt");
        return (await fetch("upload", { method: "POST", body: form })).text();
    },
    socket: () => talk(["chat"], socket => {
        socket.send("héllo");
        socket.send(new Uint8Array(200000).fill(7));
        socket.send("close");
    }),
    refused: () => talk(["unknown"], socket => socket.close(4001, "no protocol")),
    events: () => new Promise(resolve => {
        const heard = [];
        const events = new EventSource("events");  // comes back by itself when the server ends it
        events.onmessage = event => heard.push(event.data);
        events.addEventListener("end", event => {
            events.close();
            resolve([...heard, event.data].join(" "));
        });
    }),
};

// What comes on a WebSocket until it is closed.
function talk(protocols, begin) {
    return new Promise(resolve => {
        const heard = [];
        const socket = new WebSocket(location.href.replace(/^http/, "ws") + "socket", protocols);
        socket.binaryType = "arraybuffer";
        socket.onopen = () => {
            heard.push(`${socket.protocol || "none"}/${socket.extensions || "plain"}`);
            begin(socket);
        };
        socket.onmessage = event =>
            heard.push(typeof event.data === "string" ? event.data : `${event.data.byteLength} bytes`);
        socket.onclose = event => resolve([...heard, event.code, event.reason, event.wasClean].join(" "));
    });
}

function limited(check) {
    const late = new Promise(resolve => setTimeout(resolve, 20000, "nothing for 20 s"));
    return Promise.race([check().catch(error => `${error}`), late]);
}

(async () => {
    const results = {};
    for (const [name, check] of Object.entries(checks)) {
        results[name] = await limited(check);
        const row = document.getElementById("checks").insertRow();
        row.insertCell().textContent = name;
        row.insertCell().textContent = results[name];
    }
    await fetch("results", { method: "POST", body: JSON.stringify(results) });
})();

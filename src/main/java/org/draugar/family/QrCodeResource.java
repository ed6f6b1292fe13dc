package org.draugar.family;

import io.nayuki.qrcodegen.DataTooLongException;
import io.nayuki.qrcodegen.QrCode;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import org.draugar.http.Body;
import org.draugar.http.Problem;

/** Draws an invite link for another phone's camera. The link is in the body, so that no log has it. */
@Path("qr-codes")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class QrCodeResource {
    private static final int MAX_CHARACTERS = 1024;

    /** {@code {"text"}}, at most 1024 characters. */
    public record QrCodeRequest(String text) {}

    /** {@code {"size","path"}}: modules a side, and the dark ones as the path of an SVG of that size. */
    public record QrCodeView(int size, String path) {}

    /** The text as a QR code (ISO/IEC 18004) with medium error correction: 200. Only for members. */
    @POST
    public QrCodeView draw(InputStream body, @Context SecurityContext security) {
        Caller.of(security);
        String text = Body.read(body, QrCodeRequest.class).text();
        if (text == null || text.isEmpty() || text.length() > MAX_CHARACTERS) {
            throw new Problem(400, "text: expected 1 to " + MAX_CHARACTERS + " characters");
        }
        try {
            QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
            return new QrCodeView(code.size, path(code));
        } catch (DataTooLongException e) {
            throw new Problem(400, "text: too long for a QR code");
        }
    }

    /** One rectangle for each run of dark modules in a row. */
    private static String path(QrCode code) {
        StringBuilder path = new StringBuilder();
        for (int y = 0; y < code.size; y++) {
            int x = 0;
            while (x < code.size) {
                int from = x;
                while (code.getModule(x, y)) { // light outside of the code
                    x++;
                }
                if (x > from) {
                    path.append('M').append(from).append(' ').append(y);
                    path.append('h').append(x - from).append("v1H").append(from).append('z');
                }
                x++;
            }
        }
        return path.toString();
    }
}
